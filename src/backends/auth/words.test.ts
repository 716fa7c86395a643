import { expect, it } from 'vitest'
import { wordsOf } from './words.ts'

const sent = { authorization: 'Bearer the-token-that-was-sent' }
const words = (challenge: string | undefined) => wordsOf({ status: 401, challenge, caller: undefined, sent })

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
