import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cases } from './testing/cases.ts'
import { type Case, ours, theirs } from './testing/verdict.ts'

const RUNS = Number(process.env['POLICY_RUNS'] ?? 1_000)

test('decides as Cedar does, for the same reasons and with the same errors', { timeout: 600_000 }, () => {
  const seen = { allow: 0, deny: 0, error: 0 }
  const property = fc.property(cases, (it) => {
    const verdict = theirs(it)
    if (verdict.errors.length > 0) seen.error++
    else if (verdict.decision === 'allow') seen.allow++
    else seen.deny++
    expect(ours(it)).toEqual(verdict)
  })
  fc.assert(property, { numRuns: RUNS })
  // Of each kind there are enough for it to mean something.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(RUNS / 20)
})

test('what some request is allowed is not denied while parts of it are unknown', { timeout: 600_000 }, () => {
  let allowed = 0
  let hidden = 0
  const property = fc.property(cases, (it: Case) => {
    const whole = ours(it)
    const partly = ours(it, (name) => name !== 'flag')
    if (whole.decision === 'allow') {
      allowed++
      expect(partly.decision).not.toBe('deny')
    }
    if (partly.decision === 'allow') expect(whole.decision).toBe('allow')
    if (partly.decision === 'deny') {
      hidden++
      expect(whole.decision).toBe('deny')
    }
  })
  fc.assert(property, { numRuns: RUNS })
  expect(allowed).toBeGreaterThan(RUNS / 20)
  expect(hidden).toBeGreaterThan(RUNS / 20)
})
