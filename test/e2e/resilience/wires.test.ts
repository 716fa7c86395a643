import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { LegacyClient, ModernClient } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { type Child, type ServerFlags, Stage } from '../../fixtures/stage.ts'
import { FAULTS, type Fault, ToxicProxy } from '../../fixtures/toxic.ts'
import { rowOf } from './status.ts'

const TIMEOUT_MS = 1_000
/** For a machine that has other things to do. */
const GRACE_MS = 1_500

const KINDS = {
  modern: { era: 'modern', transport: 'http' },
  'legacy-json': { era: 'legacy', transport: 'http', reply: 'json' },
  'legacy-events': { era: 'legacy', transport: 'http', reply: 'sse' },
  'old-sse': { era: 'legacy', transport: 'sse' },
} as const satisfies Record<string, ServerFlags>

type Kind = keyof typeof KINDS
const KIND_NAMES = Object.keys(KINDS) as Kind[]

const stage = closedAfterAll(new Stage())
const wires = new Map<string, ToxicProxy>()
let gateway: Child
let legacy: LegacyClient
let modern: ModernClient
let asking: ModernClient

/** One backend for each kind and fault. */
beforeAll(async () => {
  const servers = new Map(
    await Promise.all(
      KIND_NAMES.map(async (kind) => [kind, await stage.server('wire:echo', KINDS[kind])] as const),
    ),
  )
  const backends = await Promise.all(
    KIND_NAMES.flatMap((kind) =>
      FAULTS.map(async (fault) => {
        const wire = await ToxicProxy.to((servers.get(kind) as Child).ready)
        stage.defer(() => wire.close())
        wires.set(`${kind}-${fault}`, wire)
        const transport = kind === 'old-sse' ? ('sse' as const) : ('streamable-http' as const)
        return { name: `${kind}-${fault}`, url: wire.url, transport }
      }),
    ),
  )
  const operational = {
    timeouts: { default: `${TIMEOUT_MS}ms` },
    failureHandling: { healthCheckInterval: '1s', unhealthyThreshold: 2 },
  }
  gateway = await stage.gateway({ config: config(backends, { operational }) })
  await eventually(async () => expect(await toolNames(gateway.ready)).toHaveLength(backends.length))
  legacy = await LegacyClient.open(gateway.ready)
  modern = new ModernClient(gateway.ready)
  // Has a connection to a legacy server for the time of a call.
  asking = new ModernClient(gateway.ready, { capabilities: { elicitation: {} } })
  for (const client of [legacy, modern, asking]) stage.defer(() => client.close())
}, 60_000)

async function call(client: LegacyClient | ModernClient, name: string) {
  const began = performance.now()
  const { message } = await client.request('tools/call', { name: `${name}_echo`, arguments: { input: 'x' } })
  return { tookMs: performance.now() - began, error: message.error?.message, result: message.result }
}

describe.each(KIND_NAMES)('a %s server', (kind) => {
  test.each(FAULTS)(
    'behind a wire that does this to it: %s; has every call end in its time, with its name, and comes back',
    { timeout: 60_000 },
    async (fault: Fault) => {
      const name = `${kind}-${fault}`
      const wire = wires.get(name) as ToxicProxy
      const clients = [legacy, modern, asking]
      for (const client of clients) expect((await call(client, name)).result).toBeDefined()
      wire.fault = fault
      for (let round = 0; round < 3; round++) {
        const calls = await Promise.all(clients.map((client) => call(client, name)))
        for (const { tookMs, error, result } of calls) {
          expect(tookMs).toBeLessThan(TIMEOUT_MS + GRACE_MS)
          if (result === undefined) expect(error).toMatch(new RegExp(`backend '${name}'.{10}`))
          expect(error ?? '').not.toContain('127.0.0.1')
        }
      }
      if (fault !== 'drip')
        await eventually(async () => {
          const { health, last_error } = await rowOf(gateway.ready, name)
          expect(health).not.toBe('healthy')
          expect(last_error?.message).toContain(`backend '${name}'`)
        })
      wire.fault = 'none'
      await eventually(async () => {
        for (const client of clients) expect((await call(client, name)).error).toBeUndefined()
      }, 20_000)
    },
  )
})
