import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { XaaConfig } from '../../core/outgoing-auth-config.ts'
import { callerWith, Desk, open, say } from './testing.ts'

const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag'
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'
const AUDIENCE = 'https://target.example'
const RESOURCE = 'https://b.example/mcp'

let idp: Desk
let target: Desk
const opened: ReturnType<typeof open>[] = []

beforeEach(async () => {
  ;[idp, target] = await Promise.all([Desk.start(), Desk.start()])
  idp.more = vouched()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ keyring }) => keyring.close()))
  await Promise.all([idp.close(), target.close()])
})

function assertion(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256', typ: 'oauth-id-jag+jwt' })}.${part(claims)}.c2lnbmF0dXJl`
}

function vouched(claims: object = {}, more: object = {}): object {
  const access_token = assertion({ aud: AUDIENCE, resource: RESOURCE, sub: 'alice', ...claims })
  return { access_token, issued_token_type: ID_JAG, token_type: 'N_A', ...more }
}

function xaa(more: Partial<XaaConfig> = {}) {
  const client = (id: string) => ({ id, secret: `secret of ${id}`, method: 'client_secret_basic' as const })
  const it = open({
    type: 'xaa',
    idp: idp.endpoint({ client: client('at the idp') }),
    target: target.endpoint({ client: client('at the target') }),
    audience: AUDIENCE,
    resource: RESOURCE,
    scopes: ['read'],
    subjectTokenType: ID_TOKEN,
    ...more,
  })
  opened.push(it)
  return it
}

const alice = callerWith('token-of-alice')

describe('cross-application access', () => {
  it('takes the caller’s token to the identity provider, and what that says to the target', async () => {
    const { sent } = xaa()
    expect(await sent(alice)).toEqual({ 'x-team': 'blue', authorization: 'Bearer got-1' })
    expect(idp.asked.map(({ form }) => form)).toEqual([
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        requested_token_type: ID_JAG,
        subject_token: 'token-of-alice',
        subject_token_type: ID_TOKEN,
        audience: AUDIENCE,
        resource: RESOURCE,
        scope: 'read',
      },
    ])
    expect(target.asked.map(({ form }) => form)).toEqual([
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertion({ aud: AUDIENCE, resource: RESOURCE, sub: 'alice' }),
      },
    ])
    const basic = [idp, target].map(({ asked }) => asked[0]?.headers.authorization)
    expect(basic).toEqual(
      ['at+the+idp:secret+of+at+the+idp', 'at+the+target:secret+of+at+the+target'].map(
        (it) => `Basic ${Buffer.from(it).toString('base64')}`,
      ),
    )
    expect(sent(alice)).not.toBeInstanceOf(Promise)
  })

  it.each([
    ['another type', {}, { issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' }],
    ['no type', {}, { issued_token_type: undefined }],
    ['a bearer token', {}, { token_type: 'Bearer' }],
    ['another audience', { aud: 'https://other.example' }, {}],
    ['two audiences', { aud: [AUDIENCE, 'https://other.example'] }, {}],
    ['no audience', { aud: undefined }, {}],
    ['another resource', { resource: 'https://other.example' }, {}],
    ['no resource', { resource: undefined }, {}],
    ['no JWT', {}, { access_token: 'opaque' }],
    ['no JSON', {}, { access_token: 'a.b.c' }],
    ['five parts', {}, { access_token: 'a.b.c.d.e' }],
  ])('keeps from the target what is not for it: %s', async (_, claims, more) => {
    idp.more = vouched(claims, more)
    await expect(xaa().sent(alice)).rejects.toThrow(/^the identity provider answered with /)
    expect(target.asked).toEqual([])
  })

  it.each([{ aud: [AUDIENCE] }, { resource: [RESOURCE] }])(
    'takes a list of one for the one: %j',
    async (claims) => {
      idp.more = vouched(claims)
      expect(await xaa().token(alice)).toBe('got-1')
    },
  )

  it('asks for no resource where none is configured', async () => {
    idp.more = vouched({ resource: undefined })
    expect(await xaa({ resource: undefined }).token(alice)).toBe('got-1')
    expect(idp.asked[0]?.form['resource']).toBeUndefined()
  })

  it('wants a token from the target that can be sent', async () => {
    target.more = { token_type: 'mac' }
    await expect(xaa().sent(alice)).rejects.toThrow(
      'the authorization server of the target answered with a token that is no bearer token',
    )
    target.answer = (_, res) => say(res, { error: 'invalid_grant' }, 400)
    await expect(xaa().sent(callerWith('other'))).rejects.toThrow(
      /^the authorization server of the target refused: invalid_grant;/,
    )
  })

  it('has a token of its own at the target for our own requests, if there is a secret for that', async () => {
    expect(await xaa().token(undefined)).toBe('got-1')
    expect(target.asked[0]?.form).toEqual({
      grant_type: 'client_credentials',
      resource: RESOURCE,
      scope: 'read',
    })
    expect(await xaa({ target: target.endpoint() }).sent(undefined)).toEqual({ 'x-team': 'blue' })
    expect(idp.asked).toEqual([])
  })
})
