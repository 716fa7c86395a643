import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ListKind } from '../../core/catalog.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'

const kinds = fc.constantFrom<ListKind>('tools', 'prompts', 'resources', 'templates')
const positions = fc.record({ n: fc.integer({ min: 1, max: 2 ** 40 }), last: fc.string({ unit: 'binary' }) })

describe('a cursor', () => {
  it('comes back as what it was made of, in at most 512 characters', () => {
    fc.assert(
      fc.property(kinds, positions, (kind, position) => {
        const cursor = encodeCursor(kind, position)
        expect(cursor.length).toBeLessThanOrEqual(512)
        expect(decodeCursor(kind, cursor)).toEqual(position)
      }),
    )
  })

  it('does without a key that is too long', () => {
    const cursor = encodeCursor('resources', { n: 7, last: 'x'.repeat(5000) })
    expect(cursor.length).toBeLessThanOrEqual(512)
    expect(decodeCursor('resources', cursor)).toEqual({ n: 7, last: undefined })
  })

  it('of one list is invalid in another', () => {
    const cursor = encodeCursor('tools', { n: 1, last: 'a' })
    expect(() => decodeCursor('prompts', cursor)).toThrow('invalid cursor')
  })

  it('that we never made is invalid', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.jsonValue(), fc.base64String()), (cursor) => {
        expect(() => decodeCursor('tools', cursor)).toThrow('invalid cursor')
      }),
    )
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const n of [-1, 0, 1.5, '1', 1e300, null]) {
      expect(() => decodeCursor('tools', forged({ kind: 'tools', n, lastKey: 'a' }))).toThrow(
        'invalid cursor',
      )
    }
    expect(() => decodeCursor('tools', forged({ kind: 'tools', n: 1, lastKey: 7 }))).toThrow('invalid cursor')
  })
})
