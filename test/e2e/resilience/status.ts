import { RawClient } from '../../fixtures/client.ts'

/** A row of `/status`. */
export interface Row {
  readonly name: string
  readonly health: string
  readonly consecutive_failures: number
  readonly last_error: { readonly code: string; readonly message: string } | null
  readonly breaker?: {
    readonly state: string
    readonly opened: number
    readonly retry_after_seconds?: number
  }
  readonly replicas?: readonly { readonly health: string }[]
  readonly [key: string]: unknown
}

async function get(url: string, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const raw = new RawClient(url)
  try {
    return await raw.send({ method: 'GET', path })
  } finally {
    await raw.close()
  }
}

export async function statusText(url: string): Promise<string> {
  return (await get(url, '/status')).text
}

/** What `/status` says of one backend. */
export async function rowOf(url: string, name: string): Promise<Row> {
  const { backends } = JSON.parse(await statusText(url)) as { backends: Row[] }
  const row = backends.find((it) => it.name === name)
  if (row === undefined) throw new Error(`no backend ${name} in /status`)
  return row
}

export async function readiness(url: string): Promise<{ readonly status: number; readonly reason?: string }> {
  const { status, text } = await get(url, '/readyz')
  const { reason } = JSON.parse(text) as { reason?: string }
  return { status, ...(reason !== undefined && { reason }) }
}

export async function health(url: string): Promise<Record<string, unknown>> {
  return JSON.parse((await get(url, '/api/backends/health')).text) as Record<string, unknown>
}

/** The different values that come, until `isLast` is one of them. @throws when it does not come in time */
export async function series<T>(
  read: () => Promise<T>,
  isLast: (value: T) => boolean,
  timeoutMs = 15_000,
): Promise<T[]> {
  const seen: T[] = []
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await read()
    if (JSON.stringify(value) !== JSON.stringify(seen.at(-1))) seen.push(value)
    if (isLast(value)) return seen
    if (performance.now() > deadline) throw new Error(`waited in vain, saw ${JSON.stringify(seen)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
