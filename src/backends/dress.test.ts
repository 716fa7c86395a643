import { describe, expect, it } from 'vitest'
import { createAuthorize } from './auth/index.ts'
import { createDress } from './dress.ts'
import { httpConfig, legacyCaller } from './testing.ts'

const open = createAuthorize({ type: 'unauthenticated' })
const config = httpConfig('http://127.0.0.1/', { headers: { 'X-Team': 'blue', 'Content-Length': '7' } })

describe('the headers of a request', () => {
  it('are the configured ones, and those of the caller that are let through', () => {
    const dress = createDress(config, open)
    expect(dress(legacyCaller({ headers: { 'x-api-key': 'k' } }))).toEqual({
      'x-api-key': 'k',
      'x-team': 'blue',
    })
    expect(dress(undefined)).toEqual({ 'x-team': 'blue' })
  })

  it('are never overwritten by those of the caller', () => {
    const authorize = createAuthorize({
      type: 'header_injection',
      headerName: 'Authorization',
      headerValue: 'Bearer ours',
    })
    const headers = { 'x-team': 'red', authorization: 'Bearer theirs' }
    expect(createDress(config, authorize)(legacyCaller({ headers }))).toEqual({
      'x-team': 'blue',
      authorization: 'Bearer ours',
    })
  })

  it('cannot touch the protocol or the hop', () => {
    const headers = {
      host: 'evil',
      'mcp-session-id': 's',
      'mcp-name': 'n',
      'content-type': 'text/plain',
      te: 'x',
    }
    expect(createDress(config, open)(legacyCaller({ headers }))).toEqual({ 'x-team': 'blue' })
  })

  it('have the injected header on our own requests too', () => {
    const authorize = createAuthorize({ type: 'header_injection', headerName: 'X-Key', headerValue: 'v' })
    expect(createDress(config, authorize)(undefined)).toEqual({ 'x-team': 'blue', 'x-key': 'v' })
  })
})
