import { expect, test } from 'vitest'
import { Kept } from './kept.ts'

test('what is made for equal settings is made once, and for others anew', () => {
  const kept = new Kept()
  const make = (limit: number) => kept.get('limits', { limit }, () => ({ left: limit }))
  const first = make(3)
  first.left--
  expect(make(3)).toBe(first)
  expect(make(4)).toEqual({ left: 4 })
  expect(make(3)).toEqual({ left: 3 })
})

test('things of another name do not get in the way', () => {
  const kept = new Kept()
  const one = kept.get('one', [], () => ({}))
  kept.get('other', [1], () => ({}))
  expect(kept.get('one', [], () => ({}))).toBe(one)
})
