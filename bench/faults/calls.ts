import { setTimeout as delay } from 'node:timers/promises'
import { LegacyClient, ModernClient, type Reply } from '../../test/fixtures/client.ts'
import type { Json } from '../../test/fixtures/fixture.ts'
import type { Stage } from '../../test/fixtures/stage.ts'

/** What became of one call. */
export interface Made {
  readonly backend: string
  readonly tookMs: number
  /** Absent where the call brought the answer to its own words. */
  readonly error: string | undefined
}

/** Calls `echo` of a backend with words that no other call has. Never rejects. */
export type Caller = (backend: string) => Promise<Made>

/** Longer than any call may take. */
const LOST_MS = 30_000
let calls = 0

/** A client of one era. */
export async function openCaller(stage: Stage, url: string, era: 'legacy' | 'modern'): Promise<Caller> {
  const client = era === 'modern' ? new ModernClient(url) : await LegacyClient.open(url)
  stage.defer(() => client.close())
  return async (backend) => {
    const input = `call-${++calls}`
    const since = performance.now()
    const lost = new AbortController()
    const error = await Promise.race([
      request(client, { name: `${backend}_echo`, arguments: { input } }, input),
      delay(LOST_MS, `no answer within ${LOST_MS} ms`, { signal: lost.signal }).catch(() => 'lost'),
    ])
    lost.abort()
    return { backend, tookMs: performance.now() - since, error }
  }
}

async function request(
  client: LegacyClient | ModernClient,
  params: Json,
  words: string,
): Promise<string | undefined> {
  try {
    return errorIn(await client.request('tools/call', params), words)
  } catch (error) {
    return `no reply: ${String(error)}`
  }
}

function errorIn({ status, text, message }: Reply, words: string): string | undefined {
  if (message.error !== undefined) return `${message.error.code} ${message.error.message}`
  const { content, isError } = (message.result ?? {}) as { content?: { text: string }[]; isError?: boolean }
  const said = content?.[0]?.text ?? ''
  if (isError === true) return said
  return said.includes(`"${words}"`)
    ? undefined
    : `the answer to something else, HTTP ${status}: ${text.slice(0, 200)}`
}
