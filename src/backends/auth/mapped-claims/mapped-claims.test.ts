import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { calculateJwkThumbprint, decodeProtectedHeader, exportJWK, jwtVerify } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ANONYMOUS_CALLER, type Caller, localUser } from '../../../core/caller.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { silent } from '../../../core/log.ts'
import type {
  AssertionAlgorithm,
  AssertionConfig,
  ClaimHeaderConfig,
} from '../../../core/mapped-claims-config.ts'
import { DEFAULT_TOKEN_CACHE } from '../../../core/outgoing-auth-config.ts'
import { createCredentials, type Headers, Keyring } from '../index.ts'

const PEM = { type: 'pkcs8', format: 'pem' } as const
const pemOf = (key: ReturnType<typeof generateKeyPairSync>['privateKey']) => key.export(PEM).toString()
const KEYS: Readonly<Record<AssertionAlgorithm, string>> = {
  ES256: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
  ES384: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey),
  ES512: pemOf(generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey),
  EdDSA: pemOf(generateKeyPairSync('ed25519').privateKey),
  PS256: pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
  RS256: pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
}
const URL_OF_BACKEND = new URL('https://one.example/mcp')

afterEach(() => {
  vi.useRealTimers()
})

const header = (claim: string, name: string, more: Partial<ClaimHeaderConfig> = {}): ClaimHeaderConfig => ({
  ...{ claim, header: name, required: false, encoding: 'plain', separator: ',' },
  ...more,
})

function jwt(more: Partial<AssertionConfig> = {}): AssertionConfig {
  return {
    header: 'X-Caller',
    format: '{token}',
    issuer: 'https://vmcp.example',
    audience: 'https://one.example',
    lifetimeMs: 60_000,
    algorithm: 'ES256',
    key: { text: KEYS[more.algorithm ?? 'ES256'], place: 'KEY' },
    claims: ['email', 'realm.roles', 'nothing'],
    ...more,
  }
}

function start(headers: readonly ClaimHeaderConfig[], assertion?: AssertionConfig) {
  const context = {
    keyring: new Keyring(DEFAULT_TOKEN_CACHE, silent),
    backend: 'one',
    url: URL_OF_BACKEND.href,
    log: silent,
  }
  return createCredentials({ type: 'mapped_claims', headers, jwt: assertion }, context)
}

function callerOf(claims: JsonObject): Caller {
  const subject = String(claims['sub'] ?? 'alice')
  return { ...ANONYMOUS_CALLER, principal: { issuer: 'https://i.example', subject, name: subject, claims } }
}

async function sent(
  credentials: ReturnType<typeof start>,
  caller: Caller | undefined,
  headers: Headers = {},
): Promise<Headers> {
  return credentials.authorize(headers, { method: 'POST', body: null, caller }, URL_OF_BACKEND)
}

describe('claims in headers', () => {
  it.each<[unknown, Partial<ClaimHeaderConfig>, string]>([
    ['alice@example.com', {}, 'alice@example.com'],
    ['a b', {}, 'a b'],
    [7, {}, '7'],
    [true, {}, 'true'],
    [['dev', 'ops'], {}, 'dev,ops'],
    [['dev', 7, null], { separator: '; ' }, 'dev; 7'],
    [{ a: 1 }, {}, '{"a":1}'],
    ['Zoë 100%', { encoding: 'percent' }, 'Zo%C3%AB%20100%25'],
    ['a\r\nx-admin: 1', { encoding: 'percent' }, 'a%0D%0Ax-admin%3A%201'],
    [['a,b', 'c'], { encoding: 'percent' }, 'a%2Cb,c'],
    ['\ud800', { encoding: 'percent' }, '%EF%BF%BD'],
  ])('%j with %j is %s', async (value, more, text) => {
    const credentials = start([header('x', 'X-X', more)])
    expect(await sent(credentials, callerOf({ x: value }))).toEqual({ 'x-x': text })
  })

  it.each<[unknown, string]>([
    ['a\r\nx-admin: 1', 'what no header can hold as it is; encoding: percent would send it'],
    ['a\0', 'what no header can hold as it is'],
    ['Zoë', 'what no header can hold as it is'],
    [' admin', 'what no header can hold as it is'],
    ['admin ', 'what no header can hold as it is'],
    [['staff,admin'], 'an item with "," in it, which stands between items'],
    [['a', ['b', 'c']], 'an item with "," in it'],
    ['x'.repeat(9_000), 'more than 8192 bytes'],
  ])('%j is refused without being shown', async (value, why) => {
    const refusal = sent(start([header('x', 'X-X')]), callerOf({ x: value }))
    await expect(refusal).rejects.toThrow(`the caller's claim x, for X-X, has ${why}`)
    await expect(refusal).rejects.not.toThrow('staff')
  })

  it('are found below others, and by names with dots', async () => {
    const credentials = start([header('realm.roles', 'X-Roles'), header('https://x.example/team', 'X-Team')])
    const claims = { realm: { roles: ['a', 'b'] }, 'https://x.example/team': 'blue' }
    expect(await sent(credentials, callerOf(claims))).toEqual({ 'x-roles': 'a,b', 'x-team': 'blue' })
  })

  it('are left out where the caller has none, or refuse them', async () => {
    for (const claims of [{}, { x: null }, { x: '' }, { x: [] }, { x: [''] }]) {
      expect(await sent(start([header('x', 'X-X')]), callerOf(claims))).toEqual({})
      await expect(sent(start([header('x', 'X-X', { required: true })]), callerOf(claims))).rejects.toThrow(
        'the caller has no claim x, which mappedClaims requires for X-X',
      )
    }
    expect(
      await sent(start([header('__proto__.x', 'X-X'), header('constructor', 'X-C')]), callerOf({})),
    ).toEqual({})
  })

  it('cannot be sent by clients, whoever they are and whatever they have', async () => {
    const credentials = start([header('email', 'X-User-Email')], jwt())
    const forged = {
      'x-user-email': 'root@example.com',
      x_user_email: 'root',
      'x-caller': 'forged',
      'x-other': 'kept',
    }
    expect(await sent(credentials, undefined, forged)).toEqual({ 'x-other': 'kept' })
    const none = await sent(credentials, callerOf({}), forged)
    expect(Object.keys(none).sort()).toEqual(['x-caller', 'x-other'])
    expect(none['x-caller']).not.toBe('forged')
    const alice = await sent(credentials, callerOf({ email: 'alice@example.com' }), forged)
    expect(alice).toMatchObject({ 'x-user-email': 'alice@example.com', 'x-other': 'kept' })
    expect(alice['x_user_email']).toBeUndefined()
  })

  it('are those of local and anonymous callers too', async () => {
    const credentials = start([header('sub', 'X-User')])
    expect(await sent(credentials, ANONYMOUS_CALLER)).toEqual({ 'x-user': 'anonymous' })
    expect(await sent(credentials, { ...ANONYMOUS_CALLER, principal: localUser('ann') })).toEqual({
      'x-user': 'ann',
    })
  })

  it('are made once for each caller, and there at once', async () => {
    const credentials = start([header('sub', 'X-User')])
    const request = { method: 'POST', body: null, caller: callerOf({ sub: 'alice' }) } as const
    expect(credentials.authorize({}, request, URL_OF_BACKEND)).toEqual({ 'x-user': 'alice' })
  })
})

describe('the JWT', () => {
  it.each(Object.keys(KEYS) as AssertionAlgorithm[])(
    'signed with %s says who the caller is',
    async (algorithm) => {
      const claims = {
        sub: 'alice',
        email: 'alice@example.com',
        realm: { roles: ['a'] },
        exp: Date.now() / 1000 + 600,
      }
      const headers = await sent(start([], jwt({ algorithm })), callerOf(claims))
      const publicKey = createPublicKey(KEYS[algorithm])
      const { payload, protectedHeader } = await jwtVerify(headers['x-caller'] ?? '', publicKey, {
        issuer: 'https://vmcp.example',
        audience: 'https://one.example',
        algorithms: [algorithm],
      })
      expect(payload).toEqual({
        email: 'alice@example.com',
        'realm.roles': ['a'],
        iss: 'https://vmcp.example',
        aud: 'https://one.example',
        sub: 'alice',
        iat: expect.any(Number),
        exp: (payload.iat ?? 0) + 60,
        jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      })
      const kid = await calculateJwkThumbprint(await exportJWK(publicKey))
      expect(protectedHeader).toEqual({ alg: algorithm, typ: 'JWT', kid })
    },
  )

  it('is sent as it is configured, under the name of its key', async () => {
    const config = jwt({ header: 'Authorization', format: 'Bearer {token}', keyId: 'k1' })
    const { authorization = '' } = await sent(start([], config), callerOf({ sub: 'alice' }))
    expect(authorization).toMatch(/^Bearer ey/)
    expect(decodeProtectedHeader(authorization.slice('Bearer '.length)).kid).toBe('k1')
  })

  it('is signed once for many requests of a caller, anew after half of its time, and for each caller', async () => {
    const credentials = start([], jwt())
    const [alice, bob] = [callerOf({ sub: 'alice' }), callerOf({ sub: 'bob' })]
    const all = await Promise.all([alice, alice, alice, bob].map((it) => sent(credentials, it)))
    const tokens = all.map((it) => it['x-caller'])
    expect(new Set(tokens.slice(0, 3)).size).toBe(1)
    expect(tokens[3]).not.toBe(tokens[0])
    const request = { method: 'POST', body: null, caller: alice } as const
    expect(credentials.authorize({}, request, URL_OF_BACKEND)).toEqual({ 'x-caller': tokens[0] })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
    expect((await sent(credentials, alice))['x-caller']).not.toBe(tokens[0])
  })

  it("does not outlive the caller's token", async () => {
    const exp = Math.floor(Date.now() / 1000) + 20
    const headers = await sent(start([], jwt()), callerOf({ sub: 'alice', exp }))
    const { payload } = await jwtVerify(headers['x-caller'] ?? '', createPublicKey(KEYS.ES256))
    expect(payload.exp).toBe(exp)
    await expect(sent(start([], jwt()), callerOf({ exp: exp - 40 }))).rejects.toThrow(
      "the caller's token has expired",
    )
  })

  it('is refused where it would be too large', async () => {
    const claims = { email: 'x'.repeat(9_000) }
    await expect(sent(start([], jwt()), callerOf(claims))).rejects.toThrow(
      "the caller's claims need more than 8192 bytes",
    )
  })

  it('needs a key of the right kind', () => {
    expect(() => start([], jwt({ key: { text: 'secret', place: 'KEY' } }))).toThrow(
      'KEY holds no private key in PEM',
    )
    expect(() => start([], jwt({ algorithm: 'RS256', key: { text: KEYS.ES256, place: 'KEY' } }))).toThrow(
      'KEY holds a key of another kind than RS256 needs: rsa',
    )
    const weak = pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey)
    expect(() => start([], jwt({ algorithm: 'RS256', key: { text: weak, place: 'KEY' } }))).toThrow(
      'KEY holds an RSA key of fewer than 2048 bits',
    )
  })
})
