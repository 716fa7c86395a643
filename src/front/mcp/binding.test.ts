import { expect, test } from 'vitest'
import { ANONYMOUS } from '../../core/caller.ts'
import { Binding, isSameBinding } from './binding.ts'

const as = (issuer: string, subject: string) => ({ ...ANONYMOUS, issuer, subject })

test('the same identity has the same binding, whatever else its token says', () => {
  const binding = new Binding()
  const before = binding.of({ ...as('i', 'alice'), claims: { round: 1 } })
  expect(isSameBinding(before, binding.of({ ...as('i', 'alice'), claims: { round: 2 } }))).toBe(true)
})

test.each([
  ['i', 'bob'],
  ['j', 'alice'],
  ['i"', 'alice'],
  ['i","alice', ''],
  ['', 'ialice'],
])('the identity %s %s has another one than i alice', (issuer, subject) => {
  const binding = new Binding()
  expect(isSameBinding(binding.of(as('i', 'alice')), binding.of(as(issuer, subject)))).toBe(false)
})

test('who does not have the key can tell nothing from it, and what it is for is part of it', () => {
  const alice = as('i', 'alice')
  expect(new Binding().of(alice)).not.toEqual(new Binding().of(alice))
  const binding = new Binding()
  expect(binding.with(alice, 'one')).not.toEqual(binding.with(alice, 'two'))
  expect(isSameBinding(Buffer.alloc(0), binding.of(alice))).toBe(false)
})
