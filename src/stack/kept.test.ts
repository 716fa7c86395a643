import { beforeEach, expect, test } from 'vitest'
import { Kept } from './kept.ts'

interface Thing {
  readonly limit: number
}

let kept: Kept
let closed: number[]

beforeEach(() => {
  kept = new Kept()
  closed = []
})

const make = (limit: number, parts: readonly unknown[] = []) =>
  kept.get<Thing>('limits', {
    settings: { limit },
    parts,
    make: () => ({ limit }),
    close: (thing) => closed.push(thing.limit),
  })

test('what is made for equal settings is made once, and for others anew', () => {
  const first = make(3)
  kept.settle()
  expect(make(3)).toBe(first)
  kept.settle()
  expect(closed).toEqual([])
  expect(make(4)).toEqual({ limit: 4 })
  kept.settle()
  expect(closed).toEqual([3])
  expect(kept.peek('limits')).toEqual({ limit: 4 })
})

test('what is made of another part is another, though the part looks the same', () => {
  const first = make(3, [{}])
  kept.settle()
  expect(make(3, [{}])).not.toBe(first)
})

test('what the configuration that is served does not ask for is closed', () => {
  make(3)
  kept.settle()
  kept.settle()
  expect(closed).toEqual([3])
  expect(kept.peek('limits')).toBeUndefined()
})

test('what was made for a configuration that is refused is closed, and what was there before goes on', () => {
  const first = make(3)
  kept.settle()
  make(4)
  kept.revert()
  expect(closed).toEqual([4])
  expect(make(3)).toBe(first)
  kept.revert()
  expect(closed).toEqual([4])
  kept.close()
  expect(closed).toEqual([4, 3])
})

test('things of another name do not get in the way', () => {
  const one = make(1)
  kept.get('other', { settings: [1], make: () => ({}) })
  kept.settle()
  expect(make(1)).toBe(one)
})
