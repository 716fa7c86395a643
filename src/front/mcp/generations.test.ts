import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Generations } from './generations.ts'

let aged: string[]
let things: Generations<string>

beforeEach(() => {
  vi.useFakeTimers()
  aged = []
  things = new Generations(1_000, (thing) => aged.push(thing))
})

afterEach(() => void vi.useRealTimers())

it('a thing ages once, between one and two sweeps after it came', () => {
  things.add('early')
  vi.advanceTimersByTime(900)
  things.add('late')
  vi.advanceTimersByTime(1_000)
  expect(aged).toEqual([])
  vi.advanceTimersByTime(200)
  expect([aged, things.size]).toEqual([['early', 'late'], 0])
  vi.advanceTimersByTime(60_000)
  expect(aged).toHaveLength(2)
})

it('what is taken away does not age, in either generation', () => {
  things.add('young')
  expect([things.delete('young'), things.delete('young')]).toEqual([true, false])
  things.add('old')
  vi.advanceTimersByTime(1_000)
  expect([things.all(), things.delete('old')]).toEqual([['old'], true])
  vi.advanceTimersByTime(60_000)
  expect(aged).toEqual([])
})

it('the timer rests when there is nothing to watch, and starts again', () => {
  things.add('one')
  things.delete('one')
  vi.advanceTimersByTime(1_000)
  expect(vi.getTimerCount()).toBe(0)
  things.add('two')
  vi.advanceTimersByTime(2_000)
  expect([aged, vi.getTimerCount()]).toEqual([['two'], 0])
})
