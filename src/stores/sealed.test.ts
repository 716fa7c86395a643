import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { seal, unseal } from './sealed.ts'

const secret = randomBytes(32)

it('gives back what was sealed, to whoever has the secret and knows what it is bound to', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.string(), { maxLength: 4 }),
      (plain, binding) => {
        const opened = unseal(seal(plain, secret, binding), secret, binding)
        expect(opened).toEqual(Buffer.from(plain))
      },
    ),
  )
})

it('shows nothing of what is in it, and is another each time', () => {
  const [one, other] = [seal('the launch code', secret, ['a']), seal('the launch code', secret, ['a'])]
  expect(one.equals(other)).toBe(false)
  expect(one.includes('launch')).toBe(false)
})

it('does not open with another secret, for another purpose, or when a single bit was changed', () => {
  const sealed = seal('the launch code', secret, ['run', '1'])
  expect(unseal(sealed, randomBytes(32), ['run', '1'])).toBeUndefined()
  expect(unseal(sealed, secret, ['run', '2'])).toBeUndefined()
  expect(unseal(sealed, secret, ['run1'])).toBeUndefined()
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(unseal(changed, secret, ['run', '1'])).toBeUndefined()
  }
  for (let length = 0; length < sealed.length; length++)
    expect(unseal(sealed.subarray(0, length), secret, ['run', '1'])).toBeUndefined()
  expect(unseal(Buffer.concat([sealed, Buffer.of(0)]), secret, ['run', '1'])).toBeUndefined()
})
