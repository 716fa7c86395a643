import { describe, expect, it } from 'vitest'
import { EVERYWHERE, HTTPS_OR_HERE } from './judges.ts'

describe('an endpoint that is configured', () => {
  it('is asked over TLS wherever it is, and over plain HTTP on this machine', () => {
    for (const url of ['https://idp.example/', 'https://10.0.0.1/', 'http://127.0.0.1:1/', 'http://[::1]/'])
      expect(HTTPS_OR_HERE.url(new URL(url)), url).toBeUndefined()
    for (const url of [
      'http://idp.example/',
      'http://10.0.0.1/',
      'http://localhost.example/',
      'ftp://localhost/',
    ])
      expect(HTTPS_OR_HERE.url(new URL(url)), url).toBe('plain HTTP is only for this machine')
  })

  it('is not somewhere else under the name of this machine', () => {
    expect(HTTPS_OR_HERE.address('127.0.0.1', 'localhost')).toBeUndefined()
    expect(HTTPS_OR_HERE.address('203.0.113.7', 'localhost')).toBe(
      'localhost does not resolve to this machine',
    )
    expect(HTTPS_OR_HERE.address('10.0.0.1', 'idp.internal')).toBeUndefined()
  })

  it('may be anywhere where plain HTTP is allowed, and is HTTP', () => {
    expect(EVERYWHERE.url(new URL('http://idp.example/'))).toBeUndefined()
    expect(EVERYWHERE.url(new URL('file:///etc/passwd'))).toBe('it is neither http nor https')
  })
})
