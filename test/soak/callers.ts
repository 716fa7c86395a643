import { LegacyClient, ModernClient, type Reply } from '../fixtures/client.ts'
import type { Json } from '../fixtures/fixture.ts'
import type { Echoed } from '../fixtures/wire/echo.ts'

/** One client of the soak test; it makes one call at a time. */
export interface Caller {
  request(method: string, params: Json): Promise<Reply>
  /** Leaves politely: a session is ended, connections are closed. */
  leave(): Promise<void>
}

export async function openCaller(url: string, era: 'legacy' | 'modern'): Promise<Caller> {
  if (era === 'modern') {
    const client = new ModernClient(url)
    return { request: (method, params) => client.request(method, params), leave: () => client.close() }
  }
  const client = await LegacyClient.open(url)
  await client.listen()
  return {
    request: (method, params) => client.request(method, params),
    async leave() {
      await client.end()
      await client.close()
    },
  }
}

export type Outcome =
  | { readonly kind: 'answered'; readonly echoed: Echoed }
  /** A clean error: JSON-RPC, in answer to this very request. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string }

const LOST_AFTER_MS = 30_000

/** Calls `echo` of a backend with a marker that no other call has. Never throws. */
export async function call(caller: Caller, id: string, marker: string): Promise<Outcome> {
  const params = { name: `${id}_echo`, arguments: { input: marker } }
  try {
    const reply = await within(LOST_AFTER_MS, caller.request('tools/call', params))
    return outcomeOf(reply)
  } catch (error) {
    return { kind: 'broken', reason: String(error) }
  }
}

function outcomeOf({ status, text, message }: Reply): Outcome {
  if (message.error !== undefined) {
    if (message.id === undefined || message.id === null) return { kind: 'broken', reason: `no id: ${text}` }
    return { kind: 'refused', reason: `${message.error.code} ${message.error.message}` }
  }
  const { content, isError } = (message.result ?? {}) as { content?: { text: string }[]; isError?: boolean }
  const said = content?.[0]?.text
  if (said === undefined) return { kind: 'broken', reason: `HTTP ${status}: ${text.slice(0, 300)}` }
  return isError
    ? { kind: 'refused', reason: said }
    : { kind: 'answered', echoed: JSON.parse(said) as Echoed }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
