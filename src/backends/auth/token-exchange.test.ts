import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TokenExchangeConfig } from '../../core/outgoing-auth-config.ts'
import { modernCaller } from '../testing.ts'
import { callerWith, Desk, open, say } from './testing.ts'

const CLIENT = { id: 'the client', secret: 's:c+r t&é', method: 'client_secret_basic' } as const
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

let desk: Desk
const opened: ReturnType<typeof open>[] = []

beforeEach(async () => {
  desk = await Desk.start()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ keyring }) => keyring.close()))
  await desk.close()
})

function exchange(more: Partial<TokenExchangeConfig> = {}) {
  const it = open({
    type: 'token_exchange',
    endpoint: desk.endpoint({ client: CLIENT }),
    audience: 'https://b.example',
    scopes: ['write', 'read'],
    subjectTokenType: ACCESS_TOKEN,
    ...more,
  })
  opened.push(it)
  return it
}

const alice = callerWith('token-of-alice')
const bob = callerWith('token-of-bob', 'bob')

describe('the token of a caller', () => {
  it('is exchanged for one of the backend, by the form of RFC 8693, as the client in the header', async () => {
    const { sent } = exchange()
    expect(await sent(alice)).toEqual({ 'x-team': 'blue', authorization: 'Bearer got-1' })
    expect(desk.asked).toHaveLength(1)
    const { form, headers } = desk.asked[0] as (typeof desk.asked)[0]
    expect(form).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'token-of-alice',
      subject_token_type: ACCESS_TOKEN,
      requested_token_type: ACCESS_TOKEN,
      audience: 'https://b.example',
      scope: 'write read',
    })
    const encoded = 'the+client:s%3Ac%2Br+t%26%C3%A9'
    expect(headers.authorization).toBe(`Basic ${Buffer.from(encoded).toString('base64')}`)
    expect(headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  it('is exchanged as a client that says so in the form, as one without a secret, and as none', async () => {
    const endpoints = [
      { ...CLIENT, method: 'client_secret_post' as const },
      { id: 'public', method: 'client_secret_basic' as const },
      undefined,
    ].map((client) => desk.endpoint({ client }))
    for (const endpoint of endpoints) await exchange({ endpoint }).sent(alice)
    expect(desk.asked.map(({ form }) => [form['client_id'], form['client_secret']])).toEqual([
      [CLIENT.id, CLIENT.secret],
      ['public', undefined],
      [undefined, undefined],
    ])
    expect(desk.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined, undefined])
  })

  it('is exchanged once for any number of calls, and then there is nothing to wait for', async () => {
    const { sent } = exchange()
    const first = await Promise.all(Array.from({ length: 20 }, () => sent(alice)))
    expect(new Set(first.map((it) => it['authorization']))).toEqual(new Set(['Bearer got-1']))
    expect(sent(alice)).not.toBeInstanceOf(Promise)
    expect(sent(callerWith('token-of-alice'))).not.toBeInstanceOf(Promise)
    expect(desk.asked).toHaveLength(1)
  })

  it('is nobody else’s, and that for one backend is not that for another', async () => {
    const { token, on } = exchange()
    const all = [await token(alice), await token(bob), await token(alice, on('c')), await token(alice)]
    expect(all).toEqual(['got-1', 'got-2', 'got-3', 'got-1'])
  })

  it('is exchanged anew for other scopes and another audience, and not for the same in another order', async () => {
    const it = exchange()
    const strategy = (more: object) => ({
      type: 'token_exchange' as const,
      endpoint: desk.endpoint({ client: CLIENT }),
      audience: 'https://b.example',
      scopes: ['read', 'write', 'read'],
      subjectTokenType: ACCESS_TOKEN,
      ...more,
    })
    const { createCredentials } = await import('./index.ts')
    const other = (more: object) =>
      createCredentials(strategy(more), {
        backend: 'b',
        url: 'https://b.example/mcp',
        keyring: it.keyring,
        log: it.log,
      })
    await it.token(alice)
    expect(await it.token(alice, other({}))).toBe('got-1')
    expect(await it.token(alice, other({ scopes: ['read'] }))).toBe('got-2')
    expect(await it.token(alice, other({ audience: 'https://c.example' }))).toBe('got-3')
  })

  it('is needed', async () => {
    const { sent } = exchange()
    expect(() => sent(modernCaller())).toThrow(/the caller came without a token/)
    expect(desk.asked).toEqual([])
  })
})

describe('our own requests', () => {
  it('have a token of the client, never one of a caller', async () => {
    const { token } = exchange()
    await token(alice)
    expect(await token(undefined)).toBe('got-2')
    expect(await token(undefined)).toBe('got-2')
    expect(desk.asked[1]?.form).toEqual({
      grant_type: 'client_credentials',
      audience: 'https://b.example',
      scope: 'write read',
    })
  })

  it('have none where there is no client, or none with a secret', async () => {
    for (const client of [undefined, { id: 'public', method: 'client_secret_basic' as const }])
      expect(await exchange({ endpoint: desk.endpoint({ client }) }).sent(undefined)).toEqual({
        'x-team': 'blue',
      })
    expect(desk.asked).toEqual([])
  })
})

describe('a refusal', () => {
  it('brings another token, and one for all that were refused with the same', async () => {
    const { token, refuse } = exchange()
    await token(alice)
    const refusals = await Promise.all([1, 2, 3].map(() => refuse('got-1', { caller: alice })))
    expect(refusals).toEqual([true, true, true])
    expect(await Promise.all([1, 2, 3].map(() => token(alice)))).toEqual(['got-2', 'got-2', 'got-2'])
    // One that comes late is about the token before.
    expect(await refuse('got-1', { caller: alice })).toBe(true)
    expect(await token(alice)).toBe('got-2')
  })

  it('brings none where another cannot help', async () => {
    const { token, refuse } = exchange()
    await token(alice)
    expect(await refuse('got-1', { caller: alice, status: 403 })).toBe(false)
    expect(await refuse('got-1', { caller: bob })).toBe(false)
    expect(await token(alice)).toBe('got-1')
  })

  it('of our own token brings another', async () => {
    const { token, refuse } = exchange()
    await token(undefined)
    expect(await refuse('got-1')).toBe(true)
    expect(await token(undefined)).toBe('got-2')
  })
})

describe('what the endpoint answers', () => {
  it.each([
    [{ access_token: undefined }, 'answered without a token'],
    [{ access_token: 'a b' }, 'answered with a token that no header may hold'],
    [{ access_token: 'a\r\nx-evil: 1' }, 'answered with a token that no header may hold'],
    [{ access_token: 'x'.repeat(16 * 1024 + 1) }, 'answered with a token of more than 16384 characters'],
    [{ token_type: undefined }, 'does not say of what type its token is'],
    [{ token_type: 'DPoP' }, 'answered with a token that is no bearer token'],
    [{ token_type: 'N_A' }, 'answered with a token that is no bearer token'],
    [
      { issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      'answered with something else than an access token',
    ],
    [{ expires_in: 0 }, 'answered with a token that has expired, or never was good'],
    [{ expires_in: 'soon' }, 'answered with a token that has expired, or never was good'],
  ])('is judged: %j', async (more, error) => {
    desk.more = more
    const { sent } = exchange()
    await expect(sent(alice)).rejects.toThrow(`the token exchange ${error}`)
  })

  it.each([
    { token_type: 'bearer', issued_token_type: ACCESS_TOKEN },
    { issued_token_type: 'urn:ietf:params:oauth:token-type:jwt', expires_in: '300' },
    { expires_in: undefined },
    { expires_in: null },
    { expires_in: 1e12 },
  ])('is taken: %j', async (more) => {
    desk.more = more
    expect(await exchange().token(alice)).toBe('got-1')
  })

  it('is not followed elsewhere', async () => {
    const other = await Desk.start()
    desk.answer = (_, res) => void res.writeHead(307, { location: other.url }).end()
    const { sent, log } = exchange()
    await expect(sent(alice)).rejects.toThrow(/^the token exchange cannot be asked for a token$/)
    expect(other.asked).toEqual([])
    expect(JSON.stringify(log.lines)).toContain('it redirects (HTTP 307), which is not followed')
    await other.close()
  })

  it('may be an error, which is told with what mends it, and without what is secret', async () => {
    desk.answer = (_, res) =>
      say(res, { error: 'invalid_target', error_description: 'no\u001b[31m such audience' }, 400)
    await expect(exchange().sent(alice)).rejects.toThrow(
      'the token exchange refused: invalid_target (no [31m such audience); check the audience that is configured',
    )
    for (const echo of ['token-of-alice', CLIENT.secret]) {
      desk.answer = (_, res) =>
        say(res, { error: 'invalid_grant', error_description: `what about ${echo} here` }, 400)
      await expect(exchange().sent(alice)).rejects.toThrow(/^the token exchange refused: invalid_grant; /)
    }
    const long = 'x'.repeat(50)
    desk.answer = (_, res) => say(res, { error: 'invalid_grant', error_description: `bad ${long}` }, 400)
    await expect(exchange().sent(alice)).rejects.toThrow('invalid_grant (bad …)')
  })

  it('may be nothing of use', async () => {
    desk.answer = (_, res) => void res.writeHead(502).end('<html>')
    await expect(exchange().sent(alice)).rejects.toThrow(/^the token exchange answered with HTTP 502$/)
    desk.answer = (_, res) => say(res, [], 200)
    await expect(exchange().sent(alice)).rejects.toThrow(/answered without a token/)
    desk.answer = (_, res) => say(res, { error: 'a b"c' }, 400)
    await expect(exchange().sent(alice)).rejects.toThrow(/answered with HTTP 400$/)
  })
})

it('an endpoint that is down is left alone for a moment, and is in the log once', async () => {
  const { sent, log } = exchange()
  desk.answer = (_, res) => void res.destroy()
  for (const _ of [1, 2, 3]) await expect(sent(alice)).rejects.toThrow(/cannot be asked/)
  await expect(sent(bob)).rejects.toThrow(/cannot be asked/)
  expect(desk.asked).toHaveLength(2)
  expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
  expect(JSON.stringify(log.lines)).toContain(desk.url)
  expect(JSON.stringify(log.lines)).not.toContain('token-of-')
})

it('plain HTTP leaves this machine only where it may', async () => {
  const { sent } = exchange({ endpoint: { url: 'http://idp.example/token', allowHttp: false } })
  await expect(sent(alice)).rejects.toThrow(/cannot be asked/)
})
