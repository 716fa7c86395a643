import { expect, it } from 'vitest'
import { isSaidIn, secretsIn, withoutSaid } from './echo.ts'

const token = 'abcdefghijklmnopqrstuvwxyz0123456789'
const secrets = secretsIn({ a: `Bearer ${token}`, 'x-key': 'short-key' })

it('a text that has something of a secret in it is known, and said without it', () => {
  for (const text of [token, `not ${token.slice(0, 30)}`, `${token.slice(20)}.`, 'your short-key']) {
    expect(isSaidIn(text, secrets), text).toBe(true)
    expect(isSaidIn(Buffer.from(text), secrets), text).toBe(true)
    expect(isSaidIn(withoutSaid(text, secrets), secrets), text).toBe(false)
  }
  expect(withoutSaid(`no ${token}, no`, secrets)).toBe('no ……, no')
})

it('other texts stay as they are', () => {
  for (const text of ['', 'no', 'Bearer token', token.slice(0, 20)]) {
    expect(isSaidIn(text, secrets), text).toBe(false)
    expect(withoutSaid(text, secrets)).toBe(text)
  }
})
