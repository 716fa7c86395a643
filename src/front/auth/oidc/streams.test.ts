import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { Idp } from '../../../../test/fixtures/idp/idp.ts'
import { events, memoryGateway, next, type Served } from '../../testing.ts'
import { bearer, serveGuarded } from '../testing.ts'

// What stands open ends with the token that it was opened with.

let idp: Idp
let served: Served

beforeAll(async () => {
  idp = await Idp.start()
})
afterAll(() => idp.close())
afterEach(() => served?.close())

const LISTEN = { notifications: { toolsListChanged: true } }

it('a subscription ends properly when its token expires', async () => {
  served = await serveGuarded(idp)
  const headers = bearer(await idp.token({ ttlSeconds: 2 }))
  const stream = events(await served.modern('subscriptions/listen', LISTEN, { headers }))
  expect(await next(stream)).toMatchObject({ method: 'notifications/subscriptions/acknowledged' })
  expect(await next(stream)).toMatchObject({ result: { resultType: 'complete' } })
})

it('a subscription ends when its token is withdrawn, and goes on while it is not', async () => {
  served = await serveGuarded(idp, { introspection: { ...idp.client, cacheMs: 300 } })
  const token = await idp.token({ format: 'opaque' })
  const stream = events(await served.modern('subscriptions/listen', LISTEN, { headers: bearer(token) }))
  await next(stream)
  const told = next(stream)
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  served.gateway.changed('tools')
  expect(await told).toMatchObject({ method: 'notifications/tools/list_changed' })
  await idp.revoke(token)
  expect(await next(stream)).toMatchObject({ result: { resultType: 'complete' } })
})

it('the stream of a session ends when its token expires, and its owner comes back with another', async () => {
  const gateway = memoryGateway()
  served = await serveGuarded(idp, { gateway })
  const token = async (ttlSeconds: number) => bearer(await idp.token({ ttlSeconds }))
  const first = await token(2)
  const initialize = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  }
  const opened = await served.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params: initialize }, first)
  const session = {
    'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
    accept: 'text/event-stream',
  }
  const stream = await fetch(served.url, { headers: { ...session, ...first } })
  expect(stream.status).toBe(200)
  await stream.text()
  expect((await fetch(served.url, { headers: { ...session, ...first } })).status).toBe(401)
  const again = await fetch(served.url, { headers: { ...session, ...(await token(60)) } })
  expect(again.status).toBe(200)
  await again.body?.cancel()
})
