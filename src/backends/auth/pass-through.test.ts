import { expect, it } from 'vitest'
import { modernCaller } from '../testing.ts'
import { callerWith, open } from './testing.ts'

it('the caller’s own token is sent on for the caller, and for nobody else', () => {
  const { sent, credentials } = open({ type: 'pass_through' })
  expect(sent(callerWith('own'))).toEqual({ 'x-team': 'blue', authorization: 'Bearer own' })
  expect(sent(undefined)).toEqual({ 'x-team': 'blue' })
  expect(() => sent(modernCaller())).toThrow(/the caller came without a token/)
  expect(credentials.ofCaller).toBe(true)
})

it('a copy of a caller has no token', () => {
  const { sent } = open({ type: 'pass_through' })
  const { principal } = callerWith('own')
  expect(() => sent(modernCaller({ principal: { ...principal } }))).toThrow(/without a token/)
  expect(JSON.stringify(principal)).not.toContain('own')
})
