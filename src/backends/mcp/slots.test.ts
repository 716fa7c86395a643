import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Roster } from './roster.ts'
import { Slots } from './slots.ts'

describe('slots', () => {
  it('hold what a Map would, whatever is taken when', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 600 }), (steps) => {
        const slots = new Slots<string>()
        const map = new Map<number, string>()
        for (const step of steps) {
          const ids = [...map.keys()]
          if (step % 3 === 0 && ids.length > 0) {
            const id = ids[step % ids.length] as number
            expect(slots.take(id)).toBe(map.get(id))
            map.delete(id)
          } else {
            const id = slots.nextId()
            expect(map.has(id)).toBe(false)
            slots.set(id, `v${id}`)
            map.set(id, `v${id}`)
          }
          expect(slots.size).toBe(map.size)
        }
        expect([...slots.all()].sort()).toEqual([...map.values()].sort())
        for (const id of map.keys()) expect(slots.get(id)).toBe(`v${id}`)
      }),
    )
  })

  it('stay small however long one value stays', () => {
    const slots = new Slots<number>()
    const first = slots.nextId()
    slots.set(first, 1)
    for (let i = 0; i < 1_000; i++) {
      const id = slots.nextId()
      slots.set(id, i)
      slots.take(id)
    }
    expect(slots.onlyId()).toBe(first)
    expect(slots.take(Number.NaN)).toBeUndefined()
    expect(slots.take(-1)).toBeUndefined()
  })
})

describe('a roster', () => {
  it('holds what a Set would', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), (steps) => {
        const items = Array.from({ length: 10 }, () => ({ seat: -1 }))
        const roster = new Roster<{ seat: number }>()
        const set = new Set<object>()
        for (const step of steps) {
          const item = items[step] as { seat: number }
          if (set.delete(item)) roster.delete(item)
          else {
            roster.add(item)
            set.add(item)
          }
          roster.delete({ seat: 0 })
          expect(new Set(roster.all)).toEqual(set)
          expect(roster.size).toBe(set.size)
          expect(roster.only).toBe(set.size === 1 ? [...set][0] : undefined)
        }
      }),
    )
  })
})
