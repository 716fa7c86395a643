import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Pieces } from './pieces.ts'

function piecesOf(bytes: Buffer, sizes: readonly number[]): Pieces {
  const pieces = new Pieces()
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

const someBytes = fc.nat(300_000).map((length) => Buffer.from(Array.from({ length }, (_, i) => i % 251)))
const sizes = fc.array(fc.constantFrom(1, 7, 500, 1023, 1024, 5_000, 70_000), { minLength: 1, maxLength: 5 })

describe('pieces', () => {
  it('are the whole in the end, however they were cut', () => {
    fc.assert(
      fc.property(someBytes, sizes, (bytes, cuts) => {
        const pieces = piecesOf(bytes, cuts)
        expect(pieces.size).toBe(bytes.length)
        expect(pieces.take().equals(bytes)).toBe(true)
        expect(pieces.size).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it('of which the ends are kept begin and end as they did', () => {
    fc.assert(
      fc.property(someBytes, sizes, (bytes, cuts) => {
        const pieces = piecesOf(bytes, cuts)
        pieces.keepEnds(100)
        const kept =
          bytes.length <= 200 ? bytes : Buffer.concat([bytes.subarray(0, 100), bytes.subarray(-100)])
        expect(pieces.take().equals(kept)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    ['of one byte', { size: 1, cutFrom: 64 * 1024, fresh: false }],
    ['that are a small part of what they were cut from', { size: 1024, cutFrom: 64 * 1024, fresh: true }],
  ])('%s take no more memory than they have bytes, give or take', (_, { size, cutFrom, fresh }) => {
    const total = 4 * 1024 * 1024
    const pieces = new Pieces()
    const shared = Buffer.alloc(cutFrom)
    const before = memory()
    for (let i = 0; i < total; i += size)
      pieces.push((fresh ? Buffer.alloc(cutFrom) : shared).subarray(0, size))
    expect(pieces.size).toBe(total)
    expect(memory() - before).toBeLessThan(100 * 1024 * 1024)
  })
})

function memory(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
