import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { ANONYMOUS_CALLER } from '../core/caller.ts'
import type { CacheHint, ListKind } from '../core/catalog.ts'
import { DEFAULT_AGGREGATION } from '../core/config.ts'
import { silent } from '../core/log.ts'
import type { Freshness } from '../core/ports.ts'
import { combine } from './caching.ts'
import { createRouter } from './create.ts'
import type { Router } from './router.ts'
import { MemoryBackends, tools } from './testing.ts'

const open: Router[] = []
afterEach(() => {
  for (const router of open.splice(0)) router.close()
})

const NOW = 1_000
const part: fc.Arbitrary<Freshness> = fc.record({
  until: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e9, noNaN: true })),
  scope: fc.constantFrom('public', 'private'),
})
const parts = fc.array(part, { maxLength: 6 })
const some = fc.array(part, { minLength: 1, maxLength: 6 })

describe('what several backends say of a list', () => {
  test('is the same in any order', () => {
    const shuffled = parts.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
    )
    fc.assert(
      fc.property(shuffled, ([given, other]) => {
        expect(combine(other, NOW)).toEqual(combine(given, NOW))
      }),
    )
  })

  test('holds as long as what expires first, and for everybody where all of it does', () => {
    fc.assert(
      fc.property(some, (all) => {
        const { ttlMs, scope } = combine(all, NOW)
        expect(Number.isSafeInteger(ttlMs) && ttlMs >= 0).toBe(true)
        for (const { until } of all) expect(ttlMs).toBeLessThanOrEqual(Math.max(0, until - NOW))
        expect(all.some(({ until }) => ttlMs > Math.max(0, until - NOW) - 1)).toBe(true)
        expect(scope === 'public').toBe(all.every((it) => it.scope === 'public'))
      }),
    )
  })

  test('holds no longer, and for no more, with one more of them', () => {
    fc.assert(
      fc.property(some, part, (all, more) => {
        const before = combine(all, NOW)
        const after = combine([...all, more], NOW)
        expect(after.ttlMs).toBeLessThanOrEqual(before.ttlMs)
        expect(before.scope === 'private' && after.scope === 'public').toBe(false)
      }),
    )
  })

  test('is nothing where there are none', () => {
    expect(combine([], NOW)).toEqual({ ttlMs: 0, scope: 'private' })
  })
})

const HOUR = 3_600_000
const fresh = (scope: Freshness['scope'] = 'public', ms = HOUR): Freshness => ({
  until: performance.now() + ms,
  scope,
})

function route(backends: MemoryBackends) {
  const router = createRouter(backends, DEFAULT_AGGREGATION, silent)
  open.push(router)
  const { signal } = new AbortController()
  const list = () => router.list(ANONYMOUS_CALLER, signal)
  return { router, list, hint: async (kind: ListKind): Promise<CacheHint> => (await list()).caching(kind) }
}

describe('a list of the catalogue', () => {
  test('may be cached for what is left of the shortest time that a backend gives', async () => {
    const backends = new MemoryBackends('a', 'b')
    const { hint } = route(backends)
    backends.at('a').offersFor({ tools: fresh() }, tools('x'))
    backends.at('b').offersFor({ tools: fresh('public', 60_000) }, tools('y'))
    const { ttlMs, scope } = await hint('tools')
    expect(scope).toBe('public')
    expect(ttlMs).toBeGreaterThan(0)
    expect(ttlMs).toBeLessThanOrEqual(60_000)
    await sleep(5)
    expect((await hint('tools')).ttlMs).toBeLessThan(ttlMs)
  })

  test('is for one caller where one of the backends says so, and for that list only', async () => {
    const backends = new MemoryBackends('a', 'b')
    const { hint } = route(backends)
    backends.at('a').offersFor({ tools: fresh(), prompts: fresh() }, tools('x'))
    backends.at('b').offersFor({ tools: fresh('private'), prompts: fresh() }, tools('y'))
    expect((await hint('tools')).scope).toBe('private')
    expect((await hint('prompts')).scope).toBe('public')
  })

  test('does not depend on backends that have no such list', async () => {
    const backends = new MemoryBackends('a', 'b')
    const { hint } = route(backends)
    backends.at('a').offersFor({ prompts: fresh() }, { prompts: [{ name: 'p' }] })
    backends.at('b').offersFor({ tools: { until: 0, scope: 'private' } }, tools('y'))
    expect((await hint('prompts')).ttlMs).toBeGreaterThan(0)
    expect(await hint('tools')).toEqual({ ttlMs: 0, scope: 'private' })
    expect(await hint('templates')).toEqual({ ttlMs: 0, scope: 'private' })
  })

  test('may not be cached while a backend is not there, and keeps its scope on all pages', async () => {
    const backends = new MemoryBackends('a', 'b')
    const { hint, router } = route(backends)
    backends.at('a').offersFor({ tools: fresh() }, tools('x'))
    expect(router.catalog.caching('tools')).toEqual({ ttlMs: 0, scope: 'public' })
    backends.at('b').offersFor({ tools: fresh() }, tools('y'))
    expect((await hint('tools')).ttlMs).toBeGreaterThan(0)
    backends.at('b').fails('connection lost')
    expect(await hint('tools')).toEqual({ ttlMs: 0, scope: 'public' })
  })

  test('that is found to be the same is the same object, and nobody hears of it', async () => {
    const backends = new MemoryBackends('a')
    const { hint, list, router } = route(backends)
    backends.at('a').offersFor({ tools: fresh('public', 1_000) }, tools('x'))
    const before = await list()
    const controller = new AbortController()
    const heard: string[] = []
    const watching = (async () => {
      for await (const { kind } of router.watch(ANONYMOUS_CALLER, controller.signal)) heard.push(kind)
    })()
    backends.at('a').renews({ tools: fresh() })
    expect((await hint('tools')).ttlMs).toBeGreaterThan(1_000)
    expect(await list()).toBe(before)
    await sleep(10)
    controller.abort()
    await watching
    expect(heard).toEqual([])
  })
})
