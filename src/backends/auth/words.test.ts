import { expect, it } from 'vitest'
import { isEcho, wordsOf } from './words.ts'

const sent = { authorization: 'Bearer the-token-that-was-sent' }
const words = (challenge: string | undefined) => wordsOf({ status: 401, challenge, caller: undefined, sent })

it('a text that has something of what was sent in it is known', () => {
  const token = 'abcdefghijklmnopqrstuvwxyz0123456789'
  const refusal = {
    status: 401,
    challenge: undefined,
    caller: undefined,
    sent: { a: `Bearer ${token}`, 'x-key': 'short-key' },
  } as const
  for (const text of [token, `not ${token.slice(0, 30)}`, `${token.slice(20)}.`, 'your short-key'])
    expect(isEcho(refusal, Buffer.from(text)), text).toBe(true)
  for (const text of ['', 'no', 'Bearer token', token.slice(0, 20)])
    expect(isEcho(refusal, Buffer.from(text)), text).toBe(false)
})

it('what a challenge says is told in a clause', () => {
  expect(words('Bearer error="insufficient_scope", scope="files:read files:write"')).toBe(
    'it says insufficient_scope and wants the scopes files:read files:write',
  )
  expect(words('Bearer error="invalid_token", error_description="expired"')).toBe('it says invalid_token')
  expect(words('Bearer scope="a"')).toBe('it wants the scopes a')
})

it('what a challenge says is not told where it is nothing, or may do harm', () => {
  for (const challenge of [
    undefined,
    'Bearer',
    'Basic realm="x"',
    'Bearer error="the-token-that-was-sent"',
    'Bearer error="\u001b[31m"',
    'Bearer scope="the-token-that-was-sent"',
    'Bearer scope="-was-sent"',
    `Bearer scope="${'x'.repeat(201)}"`,
  ])
    expect(words(challenge), challenge).toBeUndefined()
})
