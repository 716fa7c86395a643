import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Breaker, type Outcome } from './breaker.ts'

function breaker(threshold = 3, openMs = 1_000) {
  const clock = { ms: 0 }
  const said: string[] = []
  const it = new Breaker({ threshold, openMs, now: () => clock.ms, changed: (status) => said.push(status) })
  const call = (outcome: Outcome): boolean => {
    const pass = it.enter()
    if (pass !== undefined) it.settle(pass, outcome)
    return pass !== undefined
  }
  return { it, clock, said, call }
}

describe('a breaker', () => {
  it('opens after so many failures in a row, and lets nothing through', () => {
    const { it, said, call } = breaker()
    for (const outcome of ['failure', 'failure', 'success', 'failure', 'neither', 'failure'] as const)
      call(outcome)
    expect(it.status).toBe('closed')
    call('failure')
    expect(it.status).toBe('open')
    expect(call('success')).toBe(false)
    expect(it.retryAfterMs).toBe(1_000)
    expect(said).toEqual(['open'])
  })

  it('closes after its time by one success', () => {
    const { it, clock, said, call } = breaker(1)
    call('failure')
    clock.ms = 999
    expect(call('success')).toBe(false)
    clock.ms = 1_000
    expect(it.status).toBe('half_open')
    expect(call('success')).toBe(true)
    expect(it.status).toBe('closed')
    expect(said).toEqual(['open', 'half_open', 'closed'])
  })

  it('opens again by one failure, for the whole time', () => {
    const { it, clock, call } = breaker(3)
    for (let i = 0; i < 3; i++) call('failure')
    clock.ms = 1_000
    call('failure')
    expect(it.status).toBe('open')
    expect(it.retryAfterMs).toBe(1_000)
    expect(it.opened).toBe(2)
  })

  it('tries another call when the trial says nothing', () => {
    const { it, clock, call } = breaker(1)
    call('failure')
    clock.ms = 1_000
    const trial = it.enter() as number
    expect(call('success')).toBe(false)
    it.settle(trial, 'neither')
    expect(it.status).toBe('half_open')
    expect(call('success')).toBe(true)
    expect(it.status).toBe('closed')
  })

  it('takes no notice of calls that began before it opened', () => {
    const { it, clock, call } = breaker(1)
    const old = it.enter() as number
    call('failure')
    it.settle(old, 'success')
    expect(it.status).toBe('open')
    clock.ms = 1_000
    const trial = it.enter() as number
    it.settle(old, 'failure')
    it.settle(trial, 'success')
    expect(it.status).toBe('closed')
  })

  it('counts what is learned without a call while it is closed only', () => {
    const { it } = breaker(2)
    it.note('failure')
    it.note('failure')
    expect(it.status).toBe('open')
    it.note('success')
    expect(it.status).toBe('open')
  })
})

type Step =
  | { readonly wait: number }
  | { readonly enter: true }
  | { readonly settle: number; readonly outcome: Outcome }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ wait: fc.integer({ min: 1, max: 1_500 }) }),
  fc.constant({ enter: true } as const),
  fc.record({
    settle: fc.nat(10),
    outcome: fc.constantFrom<Outcome>('success', 'failure', 'neither'),
  }),
)

describe('whatever happens', () => {
  it('an open breaker lets nothing through, and a half open one exactly one call at a time', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 4 }), (steps, threshold) => {
        const { it, clock } = breaker(threshold)
        const held: { readonly pass: number; readonly isTrial: boolean }[] = []
        for (const one of steps) {
          if ('wait' in one) clock.ms += one.wait
          else if ('enter' in one) {
            const before = it.status
            const trials = held.filter(({ isTrial }) => isTrial).length
            const pass = it.enter()
            if (before === 'open') expect(pass).toBeUndefined()
            if (before === 'half_open') expect(pass === undefined).toBe(trials === 1)
            if (before === 'closed') expect(pass).toBeDefined()
            if (pass !== undefined) held.push({ pass, isTrial: before === 'half_open' })
          } else {
            const [settled] = held.splice(one.settle % Math.max(1, held.length), 1)
            if (settled !== undefined) it.settle(settled.pass, one.outcome)
          }
          expect(held.filter(({ isTrial }) => isTrial).length).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 500 },
    )
  })
})
