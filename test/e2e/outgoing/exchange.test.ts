import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { LegacyClient, type ModernClient } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { FORBIDDEN, TOKEN_EXCHANGE } from '../../fixtures/idp/grants.ts'
import type { Idp } from '../../fixtures/idp/idp.ts'
import { ROOT } from '../../fixtures/root.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'
import { as, claimsOf, client, guarded, incoming, startIdp } from './parts.ts'

const stage = closedAfterAll(new Stage())
const BACKEND = 'https://backend.example/mcp'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
let idp: Idp
let gateway: Child
let hdr: string

beforeAll(async () => {
  idp = await startIdp(stage)
  hdr = (await stage.hosted('hdr', { era: 'both' })).ready
  const exchange = (more: object) => ({
    url: hdr,
    strategy: { type: 'token_exchange', tokenExchange: { ...client(idp), ...more } },
  })
  gateway = await guarded(stage, idp, {
    h: exchange({ audience: BACKEND, scopes: ['read', 'write'] }),
    other: exchange({ audience: 'https://other.example', clientAuthMethod: 'client_secret_post' }),
    refused: exchange({ audience: FORBIDDEN }),
    passed: { url: hdr, strategy: { type: 'pass_through' } },
    open: { url: hdr, strategy: { type: 'unauthenticated' } },
    own: {
      url: hdr,
      strategy: {
        type: 'client_credentials',
        clientCredentials: { ...client(idp), resource: BACKEND, scopes: ['read'] },
      },
    },
  })
})
/** What the backend was sent as credentials, in a call by this client. */
async function sent(caller: ModernClient | LegacyClient, backend: string): Promise<string> {
  const result = await caller.result('tools/call', { name: `${backend}_headers`, arguments: {} })
  const [{ text = '' } = {}] = result['content'] as { text?: string }[]
  if (result['isError'] === true) throw new Error(text)
  return String((JSON.parse(text) as Record<string, unknown>)['authorization'])
}

const tokenOf = (authorization: string) => authorization.replace('Bearer ', '')

describe('a token that is exchanged', () => {
  test('is asked for by the form of RFC 8693, and is what the backend gets', async () => {
    const mine = await idp.token({ subject: 'alice' })
    const got = tokenOf(await sent(as(stage, gateway, mine), 'h'))
    const granted = idp.granted.find(({ token }) => token === got)
    expect(granted?.params).toMatchObject({
      grant_type: TOKEN_EXCHANGE,
      subject_token: mine,
      subject_token_type: ACCESS_TOKEN,
      requested_token_type: ACCESS_TOKEN,
      audience: BACKEND,
    })
    expect(String(granted?.params['scope']).split(' ').sort()).toEqual(['read', 'write'])
    expect(granted?.clientId).toBe('vmcp')
    expect(claimsOf(got)).toMatchObject({ sub: 'alice', aud: BACKEND, scope: 'read write' })
    expect(got).not.toBe(mine)
  })

  test.each(['legacy', 'modern'] as const)('is got once for all calls of a %s client', async (era) => {
    const headers = { authorization: `Bearer ${await idp.token({ subject: `many-${era}` })}` }
    const caller =
      era === 'modern'
        ? as(stage, gateway, tokenOf(headers.authorization))
        : await LegacyClient.open(gateway.ready, { headers })
    const before = idp.granted.length
    const all = await Promise.all(Array.from({ length: 30 }, () => sent(caller, 'h')))
    expect(new Set(all).size).toBe(1)
    expect(claimsOf(tokenOf(all[0] ?? ''))).toMatchObject({ sub: `many-${era}` })
    const ours = idp.granted.slice(before).filter(({ params }) => params['audience'] === BACKEND)
    expect(ours).toHaveLength(1)
    await caller.close()
  })

  test('is that of the caller, and of the backend', async () => {
    const [alice, bob] = await Promise.all(
      ['alice', 'bob'].map(async (subject) => as(stage, gateway, await idp.token({ subject }))),
    )
    if (alice === undefined || bob === undefined) expect.unreachable()
    const all = await Promise.all([
      sent(alice, 'h'),
      sent(bob, 'h'),
      sent(alice, 'other'),
      sent(alice, 'own'),
      sent(alice, 'open'),
    ])
    expect(new Set(all).size).toBe(5)
    const claims = all.slice(0, 4).map((it) => claimsOf(tokenOf(it)))
    expect(claims.map(({ sub, aud }) => [sub, aud])).toEqual([
      ['alice', BACKEND],
      ['bob', BACKEND],
      ['alice', 'https://other.example'],
      ['vmcp', BACKEND],
    ])
    expect(all[4]).toBe('undefined')
  })

  test('may be opaque on our side', async () => {
    const opaque = await idp.token({ subject: 'carol', format: 'opaque' })
    const oidc = { clientId: idp.client.clientId, clientSecretEnv: 'IDP_SECRET' }
    const own = incoming(idp) as { oidc: object }
    const other = await guarded(
      stage,
      idp,
      {
        h: {
          url: hdr,
          strategy: { type: 'token_exchange', tokenExchange: { ...client(idp), audience: BACKEND } },
        },
      },
      { more: { incomingAuth: { ...own, oidc: { ...own.oidc, ...oidc } } } },
    )
    expect(claimsOf(tokenOf(await sent(as(stage, other, opaque), 'h')))).toMatchObject({ sub: 'carol' })
  })

  test('that is not to be had is an error that names the backend and what to do', async () => {
    const alice = as(stage, gateway, await idp.token())
    await expect(sent(alice, 'refused')).rejects.toThrow(
      /backend 'refused': .*the token exchange refused: invalid_target.*check the audience that is configured/,
    )
    expect(await sent(alice, 'h')).toMatch(/^Bearer /)
  })
})

test('a token that is passed through is the caller’s own', async () => {
  const mine = await idp.token()
  expect(await sent(as(stage, gateway, mine), 'passed')).toBe(`Bearer ${mine}`)
})

test('the example of the documentation works', async () => {
  const page = await readFile(join(ROOT, 'docs/outgoing-authentication.md'), 'utf8')
  const [, text = ''] = /```yaml\n(.*?)```/s.exec(page) ?? []
  const served = text
    .replaceAll('https://login.example.com/realms/team/token', `${idp.issuer}/token`)
    .replace('https://login.example.com/realms/team', idp.issuer)
    .replaceAll(/http:\/\/127.0.0.1:\d+\/mcp/g, hdr)
  const document = parse(served) as { incomingAuth: { oidc: object } }
  Object.assign(document.incomingAuth.oidc, { insecureAllowHttp: true, jwksAllowPrivateIp: true })
  const env = { VMCP_CLIENT_SECRET: idp.client.clientSecret, WEATHER_API_KEY: 'of the weather' }
  const example = await stage.gateway({ config: document, env })
  const token = await idp.token({ audience: 'https://mcp.example.com/mcp', subject: 'dora' })
  const dora = as(stage, example, token)
  expect(claimsOf(tokenOf(await sent(dora, 'tickets')))).toMatchObject({
    sub: 'dora',
    aud: 'https://tickets.example.com/mcp',
  })
  expect(claimsOf(tokenOf(await sent(dora, 'search')))).toMatchObject({
    sub: 'vmcp',
    aud: 'https://search.example.com/mcp',
  })
  const weather = await dora.result('tools/call', { name: 'weather_headers', arguments: {} })
  expect(JSON.stringify(weather)).toContain('of the weather')
})
