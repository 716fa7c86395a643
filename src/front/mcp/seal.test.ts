import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Seal } from './seal.ts'

const seal = new Seal()
const binding = fc.array(fc.string(), { maxLength: 4 })

describe('what is sealed', () => {
  it('opens for what it was bound to', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), binding, (text, bound) => {
        expect(seal.open(seal.close(text, bound), bound)).toBe(text)
      }),
    )
  })

  it('opens for nothing else', () => {
    fc.assert(
      fc.property(fc.string(), binding, binding, (text, bound, other) => {
        fc.pre(JSON.stringify(bound) !== JSON.stringify(other))
        expect(seal.open(seal.close(text, bound), other)).toBeUndefined()
      }),
    )
  })

  it('tells bindings apart that read the same when they are joined', () => {
    const sealed = seal.close('text', ['a', 'b,c'])
    for (const other of [
      ['a,b', 'c'],
      ['a', 'b', 'c'],
      ['a"', '"b,c'],
      ['b,c', 'a'],
    ])
      expect(seal.open(sealed, other)).toBeUndefined()
  })

  it('does not open with any bit of it flipped', () => {
    const bytes = Buffer.from(seal.close('a state of the backend', ['me']), 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(seal.open(flipped.toString('base64url'), ['me'])).toBeUndefined()
    }
  })

  it('does not open with any character of it changed, added or left out', () => {
    for (const text of ['a', 'ab', 'abc']) {
      const sealed = seal.close(text, [])
      for (let at = 0; at < sealed.length; at++) {
        const [before, after] = [sealed.slice(0, at), sealed.slice(at + 1)]
        for (const other of ['A', 'B', '_', '=', ' ', ''])
          if (other !== sealed[at]) expect(seal.open(before + other + after, [])).toBeUndefined()
      }
      for (const more of ['A', '=', '\n', '.']) expect(seal.open(sealed + more, [])).toBeUndefined()
    }
  })

  it('is the same for the same text and binding, and for no other', () => {
    expect(seal.close('t', ['a'])).toBe(seal.close('t', ['a']))
    const all = [seal.close('t', ['a']), seal.close('t', ['b']), seal.close('u', ['a'])]
    expect(new Set(all).size).toBe(3)
  })

  it('does not show what it holds', () => {
    const sealed = Buffer.from(seal.close('secret secret', ['me']), 'base64url').toString('latin1')
    expect(sealed).not.toContain('secret')
  })

  it('opens wherever the secret is the same, and nowhere else', () => {
    const secret = Buffer.alloc(32, 7)
    const sealed = new Seal(secret).close('t', [])
    expect(new Seal(Buffer.from(secret)).open(sealed, [])).toBe('t')
    expect(new Seal(Buffer.alloc(32, 8)).open(sealed, [])).toBeUndefined()
    expect(new Seal().open(sealed, [])).toBeUndefined()
  })

  it.each(['', 'x', 'AAAA', 'A'.repeat(37), '{"not":"ours"}', 'ä'.repeat(40)])('is not %j', (text) => {
    expect(seal.open(text, [])).toBeUndefined()
  })
})
