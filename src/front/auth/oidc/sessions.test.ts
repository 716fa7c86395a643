import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Idp } from '../../../../test/fixtures/idp/idp.ts'
import { RawObject } from '../../../core/raw.ts'
import { echo, memoryGateway, type Served, text } from '../../testing.ts'
import { bearer, serveGuarded } from '../testing.ts'

// A session belongs to who opened it: others are refused, and it goes on.

type Headers = Record<string, string>

let idp: Idp
let served: Served
let alice: Headers
let bob: Headers

beforeAll(async () => {
  idp = await Idp.start()
  const gateway = memoryGateway()
  gateway.tool('echo', echo)
  gateway.tool('tells', (exchange) => {
    exchange.notify({
      method: 'notifications/progress',
      params: RawObject.of({ progressToken: 'p', progress: 1 }),
    })
    return new Promise((resolve) => setTimeout(() => resolve(text('told')), 300))
  })
  served = await serveGuarded(idp, { gateway })
})
afterAll(async () => {
  await served.close()
  await idp.close()
})
beforeEach(async () => {
  alice = bearer(await idp.token({ subject: 'alice' }))
  bob = bearer(await idp.token({ subject: 'bob', format: 'opaque' }))
})

async function open(headers: Headers): Promise<Headers> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } }
  const reply = await served.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params }, headers)
  expect(reply.status).toBe(200)
  return { 'mcp-session-id': reply.headers.get('mcp-session-id') ?? '' }
}

const call = (name = 'echo') => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, arguments: {}, _meta: { progressToken: 'p' } },
})
const statusOf = async (...headers: Headers[]) =>
  (await served.post(call(), Object.assign({}, ...headers))).status

describe('a session', () => {
  it('refuses another identity that has its id, with the words for a session that never was', async () => {
    const session = await open(alice)
    const intruder = await served.post(call(), { ...session, ...bob })
    const nowhere = await served.post(call(), { 'mcp-session-id': crypto.randomUUID(), ...bob })
    expect([intruder.status, await intruder.json()]).toEqual([nowhere.status, await nowhere.json()])
    expect(intruder.status).toBe(404)
    expect(await statusOf(session, alice)).toBe(200)
  })

  it('cannot be ended, listened to or answered by another identity', async () => {
    const session = await open(alice)
    const as = (headers: Headers) => ({ ...session, ...headers, accept: 'text/event-stream' })
    expect((await fetch(served.url, { method: 'DELETE', headers: as(bob) })).status).toBe(404)
    expect((await fetch(served.url, { headers: as(bob) })).status).toBe(404)
    const answer = { jsonrpc: '2.0', id: 'vmcp-1', result: {} }
    expect((await served.post(answer, { ...session, ...bob })).status).toBe(404)
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }
    expect((await served.post(cancel, { ...session, ...bob })).status).toBe(404)
    expect(await statusOf(session, alice)).toBe(200)
  })

  it('does not let another identity come back for what it was sent', async () => {
    const session = await open(alice)
    const streamed = await served.post(call('tells'), { ...session, ...alice })
    const [, id = ''] = /^id: (.*)$/m.exec(await streamed.text()) ?? []
    expect(id).not.toBe('')
    const again = (...headers: Headers[]) =>
      fetch(served.url, {
        headers: Object.assign({ accept: 'text/event-stream', 'last-event-id': id }, ...headers),
      })
    expect((await again(session, bob)).status).toBe(404)
    const own = await open(bob)
    expect((await again(own, bob)).status).toBe(405)
    expect(await (await again(session, alice)).text()).toContain('told')
  })

  it('is not to be had by its id alone, nor with a token that is not good', async () => {
    const session = await open(alice)
    expect(await statusOf(session)).toBe(401)
    expect(await statusOf(session, bearer('nonsense'))).toBe(401)
    const other = await idp.token({ subject: 'alice', audience: 'https://other.example' })
    expect(await statusOf(session, bearer(other))).toBe(401)
    expect(await statusOf(session, alice)).toBe(200)
  })

  it('is kept by its owner who comes with a new token, of another kind even', async () => {
    const session = await open(alice)
    for (const format of ['jwt', 'opaque'] as const)
      expect(await statusOf(session, bearer(await idp.token({ subject: 'alice', format })))).toBe(200)
    expect(await statusOf(session, alice)).toBe(200)
  })

  it('is over once it was ended, for its owner too', async () => {
    const session = await open(alice)
    expect((await fetch(served.url, { method: 'DELETE', headers: { ...session, ...alice } })).status).toBe(
      200,
    )
    expect(await statusOf(session, alice)).toBe(404)
    expect(await statusOf(session, bob)).toBe(404)
  })

  it('has an id that nobody but the server chooses', async () => {
    const chosen = { 'mcp-session-id': 'an-id-that-the-attacker-knows' }
    const session = await open({ ...alice, ...chosen })
    expect(session['mcp-session-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(await statusOf(chosen, alice)).toBe(404)
  })
})
