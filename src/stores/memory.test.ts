import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MemoryBuckets } from './memory.ts'

const bucket = (key: string, maxTokens = 2, refillMs = 1000) => ({ key, maxTokens, refillMs })

describe('buckets in memory', () => {
  it('let so many through at once, and then as they are refilled', () => {
    const store = new MemoryBuckets()
    const take = (now: number) => store.take([bucket('a')], now)
    expect([take(0), take(0)]).toEqual([0, 0])
    expect(take(0)).toBe(500)
    expect(take(200)).toBe(300)
    expect(take(500)).toBe(0)
    expect(take(500)).toBe(500)
    expect([take(60_000), take(60_000), take(60_000)]).toEqual([0, 0, 500])
  })

  it('take from all or from none', () => {
    const store = new MemoryBuckets()
    const [wide, narrow] = [bucket('wide', 3), bucket('narrow', 1, 10_000)]
    expect(store.take([wide, narrow], 0)).toBe(0)
    for (let tries = 0; tries < 5; tries++) expect(store.take([wide, narrow], 0)).toBe(10_000)
    expect([store.take([wide], 0), store.take([wide], 0)]).toEqual([0, 0])
    expect(store.take([wide], 0)).toBeGreaterThan(0)
  })

  it('never let through more than the bucket and what flows into it', () => {
    const call = fc.record({ after: fc.nat(400), key: fc.constantFrom('a', 'b', 'c') })
    fc.assert(
      fc.property(fc.array(call, { maxLength: 200 }), fc.integer({ min: 1, max: 5 }), (calls, max) => {
        const store = new MemoryBuckets()
        const taken: number[] = []
        let now = 0
        for (const { after, key } of calls) {
          now += after
          if (store.take([bucket('shared', max), bucket(key, 2)], now) === 0) taken.push(now)
        }
        for (const [first, from] of taken.entries())
          for (const [last, to] of taken.entries())
            if (last >= first)
              expect(last - first + 1).toBeLessThanOrEqual(max + ((to - from) * max) / 1000 + 1e-6)
      }),
    )
  })

  it('forget what is full again, and are never more than so many', () => {
    const store = new MemoryBuckets(100)
    for (let user = 0; user < 1_000; user++) store.take([bucket(`user ${user}`)], user)
    expect(store.size).toBe(100)
    for (let call = 0; call < 100; call++) store.take([bucket('one')], 10_000 + call * 1_000)
    expect(store.size).toBe(1)
  })
})
