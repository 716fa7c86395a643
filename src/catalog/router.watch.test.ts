import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { ANONYMOUS_CALLER } from '../core/caller.ts'
import { type AggregationPolicy, DEFAULT_AGGREGATION } from '../core/config.ts'
import type { Change } from '../core/gateway.ts'
import { type Log, type LogFields, silent } from '../core/log.ts'
import { createRouter } from './create.ts'
import type { Router } from './router.ts'
import { MemoryBackends, tools } from './testing.ts'

const open: Router[] = []
afterEach(() => {
  for (const router of open.splice(0)) router.close()
})

function route(backends: MemoryBackends, policy: AggregationPolicy = DEFAULT_AGGREGATION, log: Log = silent) {
  const router = createRouter(backends, policy, log)
  open.push(router)
  return router
}

const forever = () => new AbortController().signal
const list = (router: Router) => router.list(ANONYMOUS_CALLER, forever())

describe('whoever watches', () => {
  async function collect(router: Router, work: () => Promise<void>): Promise<Change['kind'][]> {
    const controller = new AbortController()
    const kinds: Change['kind'][] = []
    const reading = (async () => {
      for await (const { kind } of router.watch(ANONYMOUS_CALLER, controller.signal)) kinds.push(kind)
    })()
    await work()
    await sleep(10)
    controller.abort()
    await reading
    return kinds
  }

  const OFFER = {
    ...tools('x'),
    prompts: [{ name: 'p' }],
    resources: [{ uri: 'r:1' }],
    templates: [{ uriTemplate: 'r:{x}' }],
  }

  test('hears of each list that changed, and of no other', async () => {
    const backends = new MemoryBackends('a')
    const router = route(backends)
    const told = (offer: object) =>
      collect(router, async () => backends.at('a').offers({ ...OFFER, ...offer }))
    expect((await told({})).sort()).toEqual(['prompts', 'resources', 'tools'])
    expect(await told({})).toEqual([])
    expect(await told(tools('x', 'y'))).toEqual(['tools'])
    expect(await told({ ...tools('x', 'y'), templates: [] })).toEqual(['resources'])
    expect(await told({ ...tools('x', 'y'), templates: [], resources: [] })).toEqual(['resources'])
    expect(await told({ ...tools('x', 'y'), templates: [], resources: [], prompts: [] })).toEqual(['prompts'])
  })

  test('hears once of many backends that changed together', async () => {
    const backends = new MemoryBackends('a', 'b', 'c')
    const router = route(backends)
    const kinds = await collect(router, async () => {
      for (const backend of backends.all) backend.offers(tools('x'))
    })
    expect(kinds).toEqual(['tools'])
  })

  test('hears of a change that a list saw first', async () => {
    const backends = new MemoryBackends('a')
    const router = route(backends)
    const kinds = await collect(router, async () => {
      backends.at('a').offers(tools('x'))
      await list(router)
    })
    expect(kinds).toEqual(['tools'])
  })

  test('is let go when the gateway closes', async () => {
    const router = route(new MemoryBackends('a'))
    const watching = (async () => {
      for await (const _ of router.watch(ANONYMOUS_CALLER, forever())) throw new Error('nothing changed')
    })()
    router.close()
    await watching
  })
})

test('the log tells once of what is lost or renamed, and not endlessly', async () => {
  const lines: [LogFields, string][] = []
  const note = (fields: LogFields, message: string) => void lines.push([fields, message])
  const log: Log = { debug() {}, info: note, warn: note, error: note }
  const backends = new MemoryBackends('a', 'b')
  const policy: AggregationPolicy = { ...DEFAULT_AGGREGATION, strategy: { type: 'priority', order: ['a'] } }
  const router = route(backends, policy, log)
  backends.at('a').offers(tools('x'))
  backends.at('b').offers(tools('x'))
  await list(router)
  expect(lines).toEqual([
    [
      { backend: 'b', kind: 'tool', name: 'x' },
      "dropped: 'a' comes before it in the priority order and has the name 'x'",
    ],
  ])
  backends.at('b').offers(tools('x', 'y'))
  await list(router)
  expect(lines).toHaveLength(1)
  backends.at('b').offers({ tools: Array.from({ length: 1000 }, () => ({})) })
  await list(router)
  expect(lines.length).toBeLessThan(30)
})
