import { describe, expect, it } from 'vitest'
import { BearerPrincipal } from '../core/bearer.ts'
import type { Caller } from '../core/caller.ts'
import { silent } from '../core/log.ts'
import { DEFAULT_TOKEN_CACHE } from '../core/outgoing-auth-config.ts'
import { type Credentials, createCredentials, type Headers, Keyring } from './auth/index.ts'
import { createDress } from './dress.ts'
import { httpConfig, legacyCaller } from './testing.ts'

const context = {
  backend: 'b',
  url: 'http://127.0.0.1/',
  keyring: new Keyring(DEFAULT_TOKEN_CACHE, silent),
  log: silent,
}
const url = new URL('http://127.0.0.1/')
const open = createCredentials({ type: 'unauthenticated' }, context)
const config = httpConfig('http://127.0.0.1/', { headers: { 'X-Team': 'blue', 'Content-Length': '7' } })

function dressed(credentials: Credentials, caller: Caller | undefined): Headers | Promise<Headers> {
  return createDress(config, credentials).headers({ method: 'POST', body: null, caller }, url)
}

describe('the headers of a request', () => {
  it('are the configured ones, and those of the caller that are let through', () => {
    expect(dressed(open, legacyCaller({ headers: { 'x-api-key': 'k' } }))).toEqual({
      'x-api-key': 'k',
      'x-team': 'blue',
    })
    expect(dressed(open, undefined)).toEqual({ 'x-team': 'blue' })
  })

  it('have the access token of the caller where it is passed through, and none on our own behalf', () => {
    const credentials = createCredentials({ type: 'pass_through' }, context)
    const claims = { sub: 'ann' }
    const scopes = new Set<string>()
    const ann = { token: 'secret', issuer: 'https://i.example', subject: 'ann', name: 'Ann', claims, scopes }
    const caller = legacyCaller({ principal: new BearerPrincipal(ann) })
    expect(dressed(credentials, caller)).toEqual({ 'x-team': 'blue', authorization: 'Bearer secret' })
    expect(dressed(credentials, undefined)).toEqual({ 'x-team': 'blue' })
    expect(() => dressed(credentials, legacyCaller())).toThrow('the caller came without a token')
  })

  it('are never overwritten by those of the caller', () => {
    const credentials = createCredentials(
      {
        type: 'header_injection',
        headerName: 'Authorization',
        headerValue: 'Bearer ours',
      },
      context,
    )
    const headers = { 'x-team': 'red', authorization: 'Bearer theirs' }
    expect(dressed(credentials, legacyCaller({ headers }))).toEqual({
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
    expect(dressed(open, legacyCaller({ headers }))).toEqual({ 'x-team': 'blue' })
  })

  it('have the injected header on our own requests too', () => {
    const credentials = createCredentials(
      { type: 'header_injection', headerName: 'X-Key', headerValue: 'v' },
      context,
    )
    expect(dressed(credentials, undefined)).toEqual({ 'x-team': 'blue', 'x-key': 'v' })
  })
})
