import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bearerChallenge, scopesAmong, union } from './challenge.ts'

test.each([
  ['Bearer', {}],
  ['bearer scope="a b a"', { scopes: ['a', 'b'] }],
  [
    'Bearer error="insufficient_scope", scope="files:write", resource_metadata="https://a.example/.well-known/x"',
    {
      error: 'insufficient_scope',
      scopes: ['files:write'],
      resourceMetadata: 'https://a.example/.well-known/x',
    },
  ],
  ['Basic realm="a, Bearer scope=\\"no\\"", Bearer scope=yes', { scopes: ['yes'] }],
  ['Negotiate dG9rZW4=, Bearer scope="a", Basic realm="scope"', { scopes: ['a'] }],
  ['Bearer scope="a", DPoP scope="b"', { scopes: ['a'] }],
  ['Bearer scope="a \u0007 b\\"c"', { scopes: ['a'] }],
])('the challenge in %s is read', (header, challenge) => {
  expect(bearerChallenge(header)).toEqual(challenge)
})

test.each([[undefined], [''], ['Basic realm="x"'], [`Bearer scope="${'a '.repeat(9_000)}"`]])(
  'there is no challenge for a bearer token in %s',
  (header) => {
    expect(bearerChallenge(header)).toBeUndefined()
  },
)

test('whatever a backend sends is read to its end', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      const challenge = bearerChallenge(`Bearer ${text}`)
      for (const scope of challenge?.scopes ?? []) expect(scope).not.toMatch(/\s/)
    }),
  )
})

test('scopes are joined without repeating them, and what is none is left out', () => {
  expect(union(['a', 'b'], undefined, ['b', 'c'])).toEqual(['a', 'b', 'c'])
  expect(scopesAmong(['a', 7, 'b c', 'd'])).toEqual(['a', 'd'])
})
