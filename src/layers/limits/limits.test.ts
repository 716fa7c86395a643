import { describe, expect, it } from 'vitest'
import type { Call } from '../../core/call.ts'
import { ANONYMOUS, type Caller, type Principal } from '../../core/caller.ts'
import { UNCACHEABLE } from '../../core/catalog.ts'
import type { Gateway } from '../../core/gateway.ts'
import { notFound } from '../../core/layer.ts'
import type { Bucket, BucketStore, RateLimitConfig } from '../../core/limits.ts'
import { silent } from '../../core/log.ts'
import { RawObject } from '../../core/raw.ts'
import { MemoryBuckets } from '../../stores/memory.ts'
import { Gate } from './gate.ts'
import { limits } from './index.ts'

const NO_LIMITS: RateLimitConfig = { namespace: 'local', tools: {}, failOpen: true }
const two = { maxTokens: 2, refillMs: 60_000 }

const inner: Gateway = {
  async list() {
    return { tools: [], prompts: [], resources: [], templates: [], dropped: [], caching: () => UNCACHEABLE }
  },
  async resolve(_, call) {
    if (call.kind === 'tool' && call.name === 'none') throw notFound(call)
    const origin = { backend: 'b', name: 'x' }
    return {
      item: { kind: 'tool', name: 'x', origin, definition: {}, hidden: false },
      run: async () => ({ type: 'complete', body: RawObject.empty }),
    }
  },
  async *watch() {},
}

function limited(config: Partial<RateLimitConfig>, store: BucketStore = new MemoryBuckets()) {
  const gate = new Gate(store, { log: silent })
  const gateway = limits({ ...NO_LIMITS, ...config }, { name: 'server', gate })(inner)
  const resolve = (call: Call, principal: Principal) =>
    gateway.resolve({ principal } as Caller, call, new AbortController().signal).then(
      () => 'passed',
      (error: { code: string; data?: { retryAfterSeconds?: number } }) =>
        error.code === 'rate_limited' ? `wait ${error.data?.retryAfterSeconds}` : error.code,
    )
  return {
    gate,
    call: (name: string, principal = ANONYMOUS) =>
      resolve({ kind: 'tool', name, params: RawObject.empty }, principal),
    read: () => resolve({ kind: 'resource', uri: 'u', params: RawObject.empty }, ANONYMOUS),
  }
}

const person = (subject: string, issuer = 'https://id.example'): Principal => ({
  issuer,
  subject,
  name: subject,
  claims: {},
})
const [ada, bob] = [person('ada'), person('bob')]

describe('rate limits', () => {
  it('let so many calls of tools through, and nothing else counts', async () => {
    const { call, read, gate } = limited({ shared: two })
    expect([await call('a'), await read(), await call('none'), await call('b')]).toEqual([
      'passed',
      'passed',
      'not_found',
      'passed',
    ])
    expect(await call('a')).toBe('wait 30')
    expect(await read()).toBe('passed')
    expect(gate.state).toEqual({ store: 'memory', allowed: 2, rejected: 1, unchecked: 0 })
  })

  it('of one tool leave the others alone', async () => {
    const { call } = limited({ tools: { a: { shared: two } } })
    expect([await call('a'), await call('a'), await call('a'), await call('b')]).toEqual([
      'passed',
      'passed',
      'wait 30',
      'passed',
    ])
  })

  it('of users are for each of them, by issuer and subject, and not for those whom nobody knows', async () => {
    const { call } = limited({ perUser: { maxTokens: 1, refillMs: 60_000 } })
    expect([
      await call('a', ada),
      await call('a', bob),
      await call('a', person('ada', 'https://other')),
    ]).toEqual(['passed', 'passed', 'passed'])
    expect([await call('b', { ...ada }), await call('b', bob)]).toEqual(['wait 60', 'wait 60'])
    expect([
      await call('a'),
      await call('a'),
      await call('a', person('')),
      await call('a', person('')),
    ]).toEqual(Array.from({ length: 4 }, () => 'passed'))
  })

  it('of users and tools hold together, and a call that one refuses takes nothing from the others', async () => {
    const { call } = limited({
      shared: { maxTokens: 3, refillMs: 60_000 },
      tools: { a: { perUser: { maxTokens: 1, refillMs: 60_000 } } },
    })
    expect(await call('a', ada)).toBe('passed')
    for (let tries = 0; tries < 5; tries++) expect(await call('a', ada)).toBe('wait 60')
    expect([await call('a', bob), await call('b', ada)]).toEqual(['passed', 'passed'])
    expect(await call('b', bob)).toBe('wait 20')
  })

  it('name buckets by namespace, server, tool and a hash of the user', async () => {
    const keys: string[] = []
    const store: BucketStore = {
      type: 'redis',
      take(buckets: readonly Bucket[]) {
        keys.push(...buckets.map(({ key }) => key))
        return 0
      },
      async close() {},
    }
    const { call } = limited(
      { shared: two, perUser: two, tools: { a: { shared: two, perUser: two } } },
      store,
    )
    await call('a', ada)
    expect(keys).toEqual([
      '{local:server}:shared',
      '{local:server}:shared:tool:a',
      expect.stringMatching(/^\{local:server\}:user:[\w-]{22}$/),
      expect.stringMatching(/^\{local:server\}:user-tool:a:[\w-]{22}$/),
    ])
  })
})

describe('a store that cannot be asked', () => {
  const broken = (): BucketStore & { asked: number } => ({
    type: 'redis',
    asked: 0,
    take() {
      this.asked++
      return Promise.reject(new Error('no Redis'))
    },
    async close() {},
  })

  it('lets calls through, counted, and is left alone for a while', async () => {
    const store = broken()
    const { call, gate } = limited({ shared: two }, store)
    for (let calls = 0; calls < 5; calls++) expect(await call('a')).toBe('passed')
    expect(gate.state).toEqual({ store: 'redis', allowed: 0, rejected: 0, unchecked: 5, failing: 'no Redis' })
    expect(store.asked).toBe(1)
  })

  it('refuses them where that is wanted', async () => {
    const { call, gate } = limited({ shared: two, failOpen: false }, broken())
    for (let calls = 0; calls < 3; calls++) expect(await call('a')).toBe('unavailable')
    expect(gate.state).toMatchObject({ allowed: 0, rejected: 0, unchecked: 3, failing: 'no Redis' })
  })
})
