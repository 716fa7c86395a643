import { expect, it } from 'vitest'
import { backoff } from './backoff.ts'

it('retries at once, then after 1 s doubling to 30 s', () => {
  const middle = () => 0.5
  expect([1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => backoff(failures, middle))).toEqual([
    0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ])
})

it('spreads the attempts of many', () => {
  expect([0, 1].map((edge) => backoff(3, () => edge))).toEqual([1_500, 2_500])
})
