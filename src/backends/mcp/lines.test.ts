import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lines } from './lines.ts'

function cut(chunks: readonly Buffer[], limit = 1_000, loneCr = false) {
  const lines: string[] = []
  const oversize: [string, string][] = []
  const cutter = new Lines({
    limit,
    loneCr,
    line: (line) => lines.push(line.toString()),
    oversize: (head, tail) => oversize.push([head.toString(), tail.toString()]),
  })
  for (const chunk of chunks) cutter.push(chunk)
  return { lines, oversize, cutter }
}

describe('lines', () => {
  it('are the same however the bytes are cut into chunks', () => {
    const part = fc.constantFrom('a', 'ä', 'bc', '\n', '\r\n', '{"x":1}')
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(8)), (parts, sizes) => {
        const bytes = Buffer.from(`${parts.join('')}\n`)
        const chunks: Buffer[] = []
        let at = 0
        for (let i = 0; at < bytes.length; i++) {
          const size = (sizes[i % Math.max(sizes.length, 1)] ?? 0) + 1
          chunks.push(bytes.subarray(at, at + size))
          at += size
        }
        expect(cut(chunks).lines).toEqual(`${parts.join('')}\n`.split(/\r?\n/).slice(0, -1))
      }),
    )
  })

  it('end at a lone CR too where that is wanted, also between two chunks', () => {
    const chunks = ['a\rb\r', '\nc\r', 'd\n'].map((text) => Buffer.from(text))
    expect(cut(chunks, 1_000, true).lines).toEqual(['a', 'b', 'c', 'd'])
  })

  it('that are too long are dropped, their edges kept, and the next one is fine', () => {
    const long = Buffer.from(`HEAD${'x'.repeat(5_000)}TAIL`)
    const { lines, oversize } = cut([long.subarray(0, 900), long.subarray(900), Buffer.from('\nnext\n')])
    expect(lines).toEqual(['next'])
    expect(oversize).toHaveLength(1)
    expect(oversize[0]?.[0]).toMatch(/^HEADx/)
    expect(oversize[0]?.[1]).toMatch(/xTAIL$/)
  })

  it('that are too long within one chunk are dropped too', () => {
    const { lines, oversize } = cut([Buffer.from(`${'x'.repeat(2_000)}\nok\n`)])
    expect(lines).toEqual(['ok'])
    expect(oversize).toHaveLength(1)
  })

  it('are complete at the end of the stream', () => {
    const { lines, cutter } = cut([Buffer.from('a\nlast')])
    cutter.end()
    expect(lines).toEqual(['a', 'last'])
  })
})
