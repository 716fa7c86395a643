import { expect, test } from 'vitest'
import { amzDate, authorization, canonicalRequest, signingKey, stringToSign } from './sign.ts'
import suite from './vectors.json' with { type: 'json' }

// The vectors are those of AWS's Signature Version 4 test suite (Apache-2.0), as JSON.

const { accessKeyId, secretAccessKey, region, service } = suite
const date = amzDate(new Date(suite.time))
const scope = { region, service }

test('the suite is whole', () => {
  expect(suite.vectors).toHaveLength(34)
})

test.each(suite.vectors)('$name is signed as AWS signs it', (vector) => {
  const headers = vector.headers.map(([name = '', value = '']) => [name, value] as const)
  const request = { ...vector, headers }
  const { text } = canonicalRequest(request)
  expect(text).toBe(vector.canonicalRequest)
  expect(stringToSign(text, scope, date)).toBe(vector.stringToSign)
  const key = signingKey(secretAccessKey, scope, date)
  const signed = authorization(request, { keys: { accessKeyId, secretAccessKey }, key, scope, date })
  expect(signed).toBe(vector.authorization)
})
