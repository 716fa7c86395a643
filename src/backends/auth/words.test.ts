import { expect, it } from 'vitest'
import { wantsOf, wordsOf } from './words.ts'

const sent = { authorization: 'Bearer the-token-that-was-sent' }
const words = (challenge: string | undefined) => wordsOf({ challenge, sent })

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

it('what it wants is known without what it says back', () => {
  const challenge = (place: string) => `Bearer scope="read", resource_metadata="https://a.example/${place}"`
  expect(wantsOf({ challenge: challenge('here'), sent })).toEqual({
    scopes: ['read'],
    resourceMetadata: 'https://a.example/here',
  })
  expect(wantsOf({ challenge: challenge('the-token-that-was-sent'), sent })).toEqual({ scopes: ['read'] })
  expect(wantsOf({ challenge: 'Bearer scope="read token-that-was"', sent })).toEqual({})
})
