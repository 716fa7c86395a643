import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { LegacyClient, ModernClient } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { Forge } from '../../fixtures/idp/forge.ts'
import { Stage } from '../../fixtures/stage.ts'
import { type Served, serveFile } from './served.ts'
import { listenStream, type OpenStream, sessionStream, slowPost } from './streams.ts'

// Who may come in is changed while clients of both eras hold sessions and streams.

const AUDIENCE = 'https://vmcp.example/mcp'

const stage = closedAfterEach(new Stage())
let forge: Forge
let backend: string
let served: Served

beforeEach(async () => {
  forge = await provider()
  backend = (await stage.hosted('echo', { era: 'both' })).ready
})
async function provider(): Promise<Forge> {
  const made = await Forge.start()
  stage.defer(() => made.close())
  return made
}

const oidc = (more: object = {}) => ({
  type: 'oidc',
  oidc: {
    issuer: forge.issuer,
    audience: AUDIENCE,
    resource: AUDIENCE,
    insecureAllowHttp: true,
    jwksAllowPrivateIp: true,
    ...more,
  },
})
const ANYBODY = { type: 'anonymous' }

const whole = (incomingAuth: object, more: object = {}) =>
  config([{ name: 'one', url: backend }], { incomingAuth, ...more })

async function serve(incomingAuth: object): Promise<void> {
  served = await serveFile(stage, whole(incomingAuth))
}

async function change(incomingAuth: object, more: object = {}): Promise<void> {
  const { generation } = (await served.status()).configuration
  await served.edit(whole(incomingAuth, more))
  await eventually(async () => expect((await served.status()).configuration.generation).toBe(generation + 1))
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const token = (claims: object = {}) => forge.sign(forge.claims(claims))
const call = { name: 'one_echo', arguments: { input: 'x' } }

/** A client of each era that holds a stream. */
interface Guests {
  readonly legacy: LegacyClient
  readonly modern: ModernClient
  readonly streams: readonly OpenStream[]
}

async function guests(headers: Record<string, string> = {}): Promise<Guests> {
  const legacy = await LegacyClient.open(served.url, { headers })
  const modern = new ModernClient(served.url, { headers })
  stage.defer(() => Promise.all([legacy.close(), modern.close()]))
  const own = { ...headers, ...(legacy.sessionHeaders as Record<string, string>) }
  const streams = [
    await sessionStream(stage, served.url, own),
    await listenStream(stage, served.url, headers),
  ]
  expect(streams.map(({ status }) => status)).toEqual([200, 200])
  await eventually(() => expect(streams[1]?.text()).toContain('acknowledged'))
  return { legacy, modern, streams }
}

async function statusesOf({ legacy, modern }: Guests): Promise<number[]> {
  return [
    (await legacy.request('tools/call', call)).status,
    (await modern.request('tools/call', call)).status,
  ]
}

const allOver = ({ streams }: Guests) =>
  eventually(() => expect(streams.map((it) => it.over())).toEqual([true, true]))

async function noneOver({ streams }: Guests): Promise<void> {
  await sleep(700)
  expect(streams.map((it) => it.over())).toEqual([false, false])
}

describe('a server for everybody that becomes one for holders of tokens', () => {
  test('refuses the next request of everybody else, and ends their streams', async () => {
    await serve(ANYBODY)
    const before = await guests()
    expect(await statusesOf(before)).toEqual([200, 200])
    await change(oidc())
    await allOver(before)
    const refused = await before.legacy.request('tools/call', call)
    expect(refused.status).toBe(401)
    expect(refused.headers['www-authenticate']).toContain('resource_metadata=')
    expect((await before.modern.request('tools/call', call)).status).toBe(401)
    const { streams } = before
    const again = await sessionStream(
      stage,
      served.url,
      before.legacy.sessionHeaders as Record<string, string>,
    )
    expect([again.status, streams[1]?.text()]).toEqual([
      401,
      expect.stringContaining('"resultType":"complete"'),
    ])
  })

  test('lets nobody have the session of another, and knows its own', async () => {
    await serve(ANYBODY)
    const { legacy } = await guests()
    await change(oidc())
    const headers = bearer(await token())
    expect((await legacy.request('tools/call', call, headers)).status).toBe(404)
    expect(await statusesOf(await guests(headers))).toEqual([200, 200])
  })

  test('has its metadata and its own name among hosts, and neither when it is one for everybody again', async () => {
    await serve(ANYBODY)
    const metadata = new URL('/.well-known/oauth-protected-resource/mcp', served.url)
    const named = async () => {
      const reply = await request(new URL('/status', served.url), { headers: { host: 'vmcp.example' } })
      await reply.body.dump()
      return reply.statusCode
    }
    expect([(await fetch(metadata)).status, await named()]).toEqual([404, 403])
    await change(oidc())
    expect(await (await fetch(metadata)).json()).toMatchObject({
      resource: AUDIENCE,
      resource_name: 'test-vmcp',
    })
    expect(await named()).toBe(200)
    await change(oidc(), { name: 'renamed' })
    expect(await (await fetch(metadata)).json()).toMatchObject({ resource_name: 'renamed' })
    await change(ANYBODY)
    expect([(await fetch(metadata)).status, await named()]).toEqual([404, 403])
  })

  test('does not let in who came before and sends the rest of the body after', async () => {
    await serve(ANYBODY)
    const modern = new ModernClient(served.url)
    const params = { ...call, _meta: modern.meta() }
    const reply = await slowPost(
      served.url,
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
      {
        headers: { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'one_echo' },
        between: () => change(oidc()),
      },
    )
    expect(reply.status).toBe(401)
    expect(await reply.json()).toMatchObject({ error: expect.any(String) })
  })
})

describe('a server for holders of tokens', () => {
  test('that becomes one for everybody gives the sessions of nobody away', async () => {
    await serve(oidc())
    const alice = await guests(bearer(await token()))
    await change(ANYBODY)
    await allOver(alice)
    // With her token she is as anonymous as all others.
    expect((await alice.legacy.request('tools/call', call)).status).toBe(404)
    expect((await alice.modern.request('tools/call', call)).status).toBe(200)
    expect(await statusesOf(await guests())).toEqual([200, 200])
  })

  test('leaves those alone who would be let in as before', async () => {
    await serve(oidc())
    const alice = await guests(bearer(await token({ scope: 'mcp' })))
    await change(oidc({ requiredScopes: { tools: { one_echo: ['write'] } } }))
    await noneOver(alice)
    expect(await statusesOf(alice)).toEqual([403, 403])
    await change(oidc({ scopes: ['mcp'] }))
    await noneOver(alice)
    expect(await statusesOf(alice)).toEqual([200, 200])
  })

  test.each([
    ['another audience', () => ({ audience: 'https://other.example' }), 401],
    ['another issuer', async () => ({ issuer: (await provider()).issuer }), 401],
    ['scopes that a token lacks', () => ({ scopes: ['admin'] }), 403],
  ])('that wants %s refuses the tokens that were good, and ends their streams', async (_, more, status) => {
    await serve(oidc())
    const alice = await guests(bearer(await token({ scope: 'mcp' })))
    await change(oidc(await more()))
    await allOver(alice)
    expect(await statusesOf(alice)).toEqual([status, status])
  })

  test('whose issuer answers nobody any more ends the streams that it cannot judge', async () => {
    await serve(oidc())
    const alice = await guests(bearer(await token()))
    forge.answers.set('/keys', (_, res) => void res.writeHead(500).end())
    await change(oidc({ clockSkew: '5s' }))
    await allOver(alice)
    expect(await statusesOf(alice)).toEqual([503, 503])
  })

  test('judges those anew whose tokens it was still asking about', async () => {
    await serve(oidc())
    forge.answers.set('/keys', () => {})
    const asking = new ModernClient(served.url, { headers: bearer(await token()) })
    stage.defer(() => asking.close())
    const waiting = asking.request('tools/call', call)
    await eventually(() => expect(forge.asked).toContain('/keys'))
    forge = await provider()
    await change(oidc())
    expect((await waiting).status).toBe(401)
  })

  test('refuses a change with a file that is not there, and serves on', async () => {
    await serve(oidc())
    const alice = await guests(bearer(await token()))
    await served.edit(whole(oidc({ caBundlePath: '/none/ca.pem' }), { name: 'not-to-be' }))
    await eventually(async () => expect(await served.refusal()).toContain('/none/ca.pem'))
    await noneOver(alice)
    expect(await statusesOf(alice)).toEqual([200, 200])
    expect((await served.status()).configuration.generation).toBe(1)
    const other = await LegacyClient.open(served.url, { headers: bearer(await token()) })
    stage.defer(() => other.close())
    expect(other.initialized).toMatchObject({ serverInfo: { name: 'test-vmcp' } })
  })
})

test.runIf(process.platform === 'linux')(
  'a server that becomes one for its own user is none for the anonymous ones of before',
  async () => {
    await serve(ANYBODY)
    const before = await guests()
    await change({ type: 'local' })
    await allOver(before)
    // The same user of the machine, who is known by name from now on.
    expect(await statusesOf(before)).toEqual([404, 200])
    expect(await statusesOf(await guests())).toEqual([200, 200])
  },
)
