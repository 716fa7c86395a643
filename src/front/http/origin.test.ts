import { describe, expect, it } from 'vitest'
import { createOriginCheck } from './origin.ts'

function passes(
  bound: string,
  headers: { host?: string; origin?: string },
  allowedHosts: string[] = [],
): boolean {
  const check = createOriginCheck({ bound, allowedHosts, allowedOrigins: [] })
  return check({ headers, rawHeaders: Object.entries(headers).flat() }) === undefined
}

describe('the Host header', () => {
  it('may be the name that the server is bound to', () => {
    expect(passes('vmcp.internal', { host: 'VMCP.internal:4483' })).toBe(true)
    expect(passes('127.0.0.1', { host: 'vmcp.internal' })).toBe(false)
  })

  it('may be any address, and no foreign name, on all interfaces', () => {
    for (const bound of ['0.0.0.0', '::']) {
      expect(passes(bound, { host: '192.168.1.5:4483' })).toBe(true)
      expect(passes(bound, { host: '[fe80::1]:4483' })).toBe(true)
      expect(passes(bound, { host: 'evil.example:4483' })).toBe(false)
      expect(passes(bound, { host: 'evil.example' }, ['*'])).toBe(true)
    }
    expect(passes('127.0.0.1', { host: '192.168.1.5' })).toBe(false)
  })

  it.each(['', 'localhost:port', 'localhost:999999', ':4483', '127.0.0.1.evil.example', 'localhost@evil'])(
    '%j is refused',
    (host) => expect(passes('127.0.0.1', { host })).toBe(false),
  )

  it('may be there once only, whichever of them would pass', () => {
    const check = createOriginCheck({ bound: '127.0.0.1', allowedHosts: [], allowedOrigins: [] })
    const rawHeaders = ['Host', 'localhost', 'Accept', '*/*', 'hOST', 'evil.example']
    const refused = check({ headers: { host: 'localhost' }, rawHeaders })
    expect(refused).toContain('two Host headers')
  })

  it('must be there', () => {
    expect(passes('127.0.0.1', {})).toBe(false)
  })
})

describe('the Origin header', () => {
  it.each(['http://localhost.evil.example', 'file:///etc', 'chrome-extension://localhost', '', 'localhost'])(
    '%j is refused',
    (origin) => expect(passes('127.0.0.1', { host: 'localhost', origin })).toBe(false),
  )

  it('may be our own', () => {
    expect(passes('0.0.0.0', { host: '10.0.0.1:4483', origin: 'http://10.0.0.1:4483' })).toBe(true)
    expect(passes('0.0.0.0', { host: '10.0.0.1:4483', origin: 'http://10.0.0.2:4483' })).toBe(false)
  })
})
