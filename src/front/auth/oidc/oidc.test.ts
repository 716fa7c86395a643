import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Idp, type TokenWish } from '../../../../test/fixtures/idp/idp.ts'
import { BearerPrincipal } from '../../../core/bearer.ts'
import type { Principal } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import { recorder } from '../../mcp/recorder.ts'
import { echo, memoryGateway, type Served } from '../../testing.ts'
import { bearer, type GuardedOptions, NO_SCOPES, RESOURCE, serveGuarded } from '../testing.ts'

let idp: Idp
let served: Served

beforeAll(async () => {
  idp = await Idp.start()
})
afterAll(() => idp.close())
afterEach(() => served?.close())

async function open(options: GuardedOptions = {}): Promise<void> {
  const gateway = memoryGateway()
  gateway.tool('echo', echo)
  gateway.tool('danger', echo)
  served = await serveGuarded(idp, { gateway, ...options })
}

const call = (token: string, name = 'echo') =>
  served.modern('tools/call', { name, arguments: {} }, { headers: bearer(token) })
const statusOf = async (token: string) => (await call(token)).status
const issued = (wish?: TokenWish) => idp.token(wish)

describe('a caller with a token of the issuer', () => {
  it.each(['jwt', 'opaque'] as const)('comes in with one that is %s, and is who it says', async (format) => {
    await open()
    const token = await issued({ format, scope: 'mcp read' })
    expect(await statusOf(token)).toBe(200)
    const principal = served.gateway.callers.at(-1)?.principal as Principal
    expect(principal).toMatchObject({ issuer: idp.issuer, subject: 'alice', name: 'alice' })
    expect([...(principal.scopes ?? [])]).toEqual(['mcp', 'read'])
    expect(BearerPrincipal.tokenOf(principal)).toBe(token)
  })

  it('has the token in nothing that is printed or copied', async () => {
    await open()
    const token = await issued()
    await statusOf(token)
    const principal = served.gateway.callers.at(-1)?.principal as Principal
    const { inspect } = await import('node:util')
    const printed = [JSON.stringify(principal), inspect(principal, { showHidden: true, depth: 9 })]
    for (const text of printed) expect(text).not.toContain(token.slice(-20))
    expect(BearerPrincipal.tokenOf({ ...principal })).toBeUndefined()
  })

  it.each(['jwt', 'opaque'] as const)(
    'is verified once: the second time costs the issuer nothing (%s)',
    async (format) => {
      await open()
      const token = await issued({ format })
      await statusOf(token)
      const asked = idp.asked.length
      expect(await Promise.all([statusOf(token), statusOf(token)])).toEqual([200, 200])
      expect(idp.asked.length).toBe(asked)
      const [one, other] = served.gateway.callers.slice(-2)
      expect(one?.principal).toBe(other?.principal)
    },
  )

  it('is verified once when many requests bring the same token at a time', async () => {
    await open()
    const token = await issued({ format: 'opaque' })
    const before = idp.asked.length
    const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(token)))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(idp.asked.slice(before).filter((path) => path.includes('introspection'))).toHaveLength(1)
  })

  it('comes in at the paths that are told by discovery, and where the keys are named', async () => {
    await open({ jwksUrl: `${idp.issuer}/jwks`, introspection: undefined })
    const before = idp.asked.length
    expect(await statusOf(await issued())).toBe(200)
    expect(idp.asked.slice(before)).toEqual(['/jwks'])
  })

  it('may be of an issuer that spells itself with a slash', async () => {
    const gateway = memoryGateway()
    gateway.tool('echo', echo)
    served = await serveGuarded({ issuer: `${idp.issuer}/` }, { gateway })
    expect(await statusOf(await issued())).toBe(200)
    expect(gateway.callers.at(-1)?.principal.issuer).toBe(`${idp.issuer}/`)
  })
})

describe('the issuer changes its keys', () => {
  it('without an outage: tokens by the old key and by the new one work, those by the new one at once', async () => {
    await open()
    const old = await issued()
    expect(await statusOf(old)).toBe(200)
    await idp.rotate()
    expect(await statusOf(await issued())).toBe(200)
    expect(await statusOf(old)).toBe(200)
    await idp.rotate(false)
    expect(await statusOf(await issued())).toBe(200)
  })

  it('and is not asked again and again for a key that it does not have', async () => {
    await open()
    const stranger = await Idp.start()
    await statusOf(await issued())
    const before = idp.asked.length
    const tokens = await Promise.all(Array.from({ length: 20 }, () => stranger.token()))
    for (const token of tokens) expect(await statusOf(token)).toBe(401)
    expect(idp.asked.length - before).toBeLessThanOrEqual(5)
    await stranger.close()
  })
})

describe('a token that is withdrawn', () => {
  it('works no longer than its answer is believed', async () => {
    await open({
      introspection: { ...idp.client, cacheMs: 200 },
    })
    const token = await issued({ format: 'opaque' })
    expect(await statusOf(token)).toBe(200)
    await idp.revoke(token)
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(await statusOf(token)).toBe(401)
  })

  it('works no longer at all where answers are not believed for any time', async () => {
    await open({
      introspection: { ...idp.client, cacheMs: 0 },
    })
    const token = await issued({ format: 'opaque' })
    expect(await statusOf(token)).toBe(200)
    await idp.revoke(token)
    expect(await statusOf(token)).toBe(401)
  })

  it('works until it expires where it is a JWT, which nobody is asked about', async () => {
    await open()
    const token = await issued({ ttlSeconds: 2 })
    expect(await statusOf(token)).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 2_100))
    const reply = await call(token)
    expect([reply.status, await reply.json()]).toEqual([
      401,
      { error: 'invalid_token', error_description: 'the access token has expired' },
    ])
  })
})

describe('a caller without a good token', () => {
  it('is told where to get one, without an error where there was none', async () => {
    await open({ scopes: { ...NO_SCOPES, always: ['mcp'] } })
    const reply = await served.modern('tools/list')
    expect(reply.status).toBe(401)
    const metadata = 'https://vmcp.example/.well-known/oauth-protected-resource/mcp'
    expect(reply.headers.get('www-authenticate')).toBe(
      `Bearer realm="${idp.issuer}", resource_metadata="${metadata}", scope="mcp"`,
    )
    expect(await reply.json()).toEqual({
      error: 'invalid_request',
      error_description: 'a bearer token is required',
    })
    expect(served.gateway.callers).toEqual([])
  })

  it('is told what is wrong with the one that it has', async () => {
    await open()
    const reply = await call(await issued({ audience: 'https://other.example' }))
    expect(reply.status).toBe(401)
    expect(reply.headers.get('www-authenticate')).toContain(
      'error="invalid_token", error_description="the access token is for another audience"',
    )
  })

  it('is asked for one at every door', async () => {
    await open()
    for (const method of ['GET', 'DELETE', 'POST'])
      expect((await fetch(served.url, { method, headers: { accept: 'text/event-stream' } })).status).toBe(401)
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25' },
    }
    expect((await served.post(initialize)).status).toBe(401)
    expect((await served.post([initialize])).status).toBe(401)
  })

  it('finds the metadata where it belongs, and nothing of it elsewhere', async () => {
    await open({ scopes: { ...NO_SCOPES, always: ['mcp'] } })
    const get = (path: string, method = 'GET') => fetch(new URL(path, served.url), { method })
    for (const path of [
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-protected-resource',
    ]) {
      const reply = await get(path)
      expect(await reply.json()).toEqual({
        resource: RESOURCE,
        authorization_servers: [idp.issuer],
        bearer_methods_supported: ['header'],
        scopes_supported: ['mcp'],
        resource_name: 'guarded',
      })
      expect(reply.headers.get('access-control-allow-origin')).toBe('*')
    }
    expect((await get('/.well-known/oauth-protected-resource', 'OPTIONS')).status).toBe(204)
    expect((await get('/.well-known/oauth-protected-resource', 'POST')).status).toBe(405)
    expect((await get('/.well-known/oauth-protected-resource/other')).status).toBe(404)
    expect((await get('/mcp/.well-known/oauth-protected-resource')).status).toBe(404)
  })

  it('is told that nobody can tell now, when the issuer cannot be asked', async () => {
    const gone = await Idp.start()
    const token = await gone.token()
    await gone.close()
    const warnings: unknown[] = []
    const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => warnings.push(fields) }
    served = await serveGuarded(gone, { log })
    const reply = await served.modern('tools/list', {}, { headers: bearer(token) })
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await reply.json()).toMatchObject({ error: 'temporarily_unavailable' })
    expect(JSON.stringify(warnings)).toContain('ECONNREFUSED')
    expect(JSON.stringify(warnings)).not.toContain(token)
  })
})

describe('scopes', () => {
  const scopes = {
    always: ['mcp'],
    methods: { 'tools/call': ['read'], 'tools/list': [] },
    tools: { danger: ['write'] },
    implies: { admin: ['write'], write: ['read'] },
  }
  const challengeOf = (reply: Response) => reply.headers.get('www-authenticate') ?? ''

  it('are enforced for everything', async () => {
    await open({ scopes })
    const headers = bearer(await issued({ scope: 'read' }))
    const reply = await served.modern('tools/list', {}, { headers })
    expect(reply.status).toBe(403)
    expect(challengeOf(reply)).toContain('scope="mcp", error="insufficient_scope"')
    expect(challengeOf(reply)).toContain('resource_metadata="https://vmcp.example/')
    expect(await reply.json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: 403,
        message: 'the access token lacks scopes: this needs mcp',
        data: { error: 'insufficient_scope', scope: 'mcp' },
      },
    })
    const stream = await fetch(served.url, { headers: { ...headers, accept: 'text/event-stream' } })
    expect(stream.status).toBe(403)
    expect((await fetch(served.url, { method: 'DELETE', headers })).status).toBe(403)
  })

  it('are enforced by method and by tool, and all that are needed are told at once', async () => {
    await open({ scopes })
    const token = await issued({ scope: 'mcp' })
    const list = await served.modern('tools/list', {}, { headers: bearer(token) })
    expect(list.status).toBe(200)
    expect(await list.text()).toContain('"danger"')
    const read = await call(token)
    expect([read.status, challengeOf(read)]).toEqual([403, expect.stringContaining('scope="mcp read"')])
    const danger = await call(token, 'danger')
    expect([danger.status, challengeOf(danger)]).toEqual([
      403,
      expect.stringContaining('scope="mcp read write"'),
    ])
  })

  it('may be stepped up to, and a broad one stands for others', async () => {
    await open({ scopes })
    expect((await call(await issued({ scope: 'mcp read' }))).status).toBe(200)
    expect((await call(await issued({ scope: 'mcp read' }), 'danger')).status).toBe(403)
    expect((await call(await issued({ scope: 'mcp admin' }), 'danger')).status).toBe(200)
  })

  it('hold in sessions and in each message of a batch as well', async () => {
    await open({ scopes })
    const weak = bearer(await issued({ scope: 'mcp' }))
    const initialize = {
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    }
    const opened = await served.post(initialize, weak)
    const session = { ...weak, 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' }
    const request = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo', arguments: {} } }
    const refused = await served.post(request, session)
    expect([refused.status, challengeOf(refused)]).toEqual([403, expect.stringContaining('scope="mcp read"')])
    const batch = await served.post([request, { jsonrpc: '2.0', id: 2, method: 'tools/list' }], session)
    expect(await batch.json()).toMatchObject([
      { id: 1, error: { code: 403 } },
      { id: 2, result: { tools: [{}, {}] } },
    ])
    const strong = bearer(await issued({ scope: 'mcp read' }))
    expect((await served.post(request, { ...session, ...strong })).status).toBe(200)
  })

  it('are seen by witnesses when they are lacking, as tokens are that are not good', async () => {
    const watched = recorder()
    await open({ scopes, front: { witnesses: [watched.witness] } })
    await (await call(await issued({ scope: 'mcp' }), 'danger')).text()
    await (await call('nonsense')).text()
    const [denied, unknown] = watched.ended
    expect(denied?.seen).toMatchObject({ method: 'tools/call', principal: { subject: 'alice' } })
    expect(denied?.ending).toMatchObject({ status: 403, error: { code: 403 }, cause: { code: 'denied' } })
    expect(unknown?.seen).toMatchObject({ kind: 'other', principal: undefined })
    expect(unknown?.ending).toMatchObject({
      status: 401,
      error: { code: 401 },
      cause: { code: 'unauthenticated' },
    })
  })
})

describe('what the operator sees', () => {
  it('is told to who may call, and little to others', async () => {
    await open({ front: { health: () => ({ fine: true }) } })
    const get = (path: string, headers = {}) => fetch(new URL(path, served.url), { headers })
    expect((await get('/status')).status).toBe(200)
    const refused = await get('/api/backends/health')
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('Bearer'),
    ])
    const allowed = await get('/api/backends/health', bearer(await issued()))
    expect([allowed.status, await allowed.json()]).toEqual([200, { fine: true }])
  })
})

it('a backend that wants credentials does not make clients doubt their own', async () => {
  const gateway = memoryGateway()
  gateway.tool('locked', () => {
    throw new GatewayError('unauthenticated', "backend 'one' wants credentials")
  })
  served = await serveGuarded(idp, { gateway })
  const reply = await call(await issued(), 'locked')
  expect([reply.status, reply.headers.get('www-authenticate')]).toEqual([200, null])
  expect(await reply.json()).toMatchObject({
    error: { code: -32603, message: "backend 'one' wants credentials" },
  })
})
