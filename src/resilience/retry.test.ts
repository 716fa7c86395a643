import { describe, expect, it } from 'vitest'
import { RetryBudget, retryDelay } from './retry.ts'

describe('the wait before a retry', () => {
  it('doubles up to the longest, and is between a half and the whole of it', () => {
    const times = { delayMs: 100, maxDelayMs: 500 }
    const at = (random: number) => [1, 2, 3, 4, 9].map((retry) => retryDelay(retry, times, () => random))
    expect(at(0)).toEqual([50, 100, 200, 250, 250])
    expect(at(1)).toEqual([100, 200, 400, 500, 500])
  })
})

describe('the budget of retries', () => {
  it('is a share of the calls, beyond a small reserve', () => {
    const budget = new RetryBudget(0.2)
    const drain = () => {
      let retries = 0
      while (budget.withdraw()) retries++
      return retries
    }
    expect(drain()).toBe(10)
    for (let call = 0; call < 20; call++) budget.deposit()
    expect(drain()).toBeGreaterThanOrEqual(3)
    expect(drain()).toBe(0)
    for (let call = 0; call < 1_000; call++) budget.deposit()
    expect(drain()).toBeLessThanOrEqual(10)
  })
})
