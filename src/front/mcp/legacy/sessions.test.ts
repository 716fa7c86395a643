import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { ANONYMOUS, type Principal } from '../../../core/caller.ts'
import { RawObject } from '../../../core/raw.ts'
import type { FrontOptions } from '../../options.ts'
import { echo, events, memoryGateway, next, type Served, serve, text } from '../../testing.ts'

/** Of a client that takes no stream, however long the answer takes. */
const PLAIN = { accept: 'application/json' }

let served: Served
let closed: string[]

afterEach(() => served.close())

async function start(options: Partial<FrontOptions>): Promise<Served> {
  closed = []
  served = await serve(memoryGateway(), { onSessionClosed: (id) => closed.push(id), ...options })
  served.gateway.tool('echo', echo)
  return served
}

const ping = async (headers: Record<string, string>) =>
  (await served.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, headers)).status

describe('a session', () => {
  it('lives while it is used, and ends after silence', async () => {
    const { session } = await start({ sessions: { ttlMs: 900, max: 10 } })
    const headers = await session()
    for (let round = 0; round < 4; round++) {
      await sleep(300)
      expect(await ping(headers)).toBe(200)
    }
    await sleep(1200)
    expect(await ping(headers)).toBe(404)
    expect(closed).toEqual([headers['mcp-session-id']])
  })

  it('is closed by the clock, without anybody asking', async () => {
    const { session } = await start({ sessions: { ttlMs: 40, max: 10 } })
    await session()
    await expect.poll(() => closed.length).toBe(1)
  })

  it('lives while a call or a stream is open', async () => {
    const { session, gateway, post, url } = await start({ sessions: { ttlMs: 500, max: 10 } })
    gateway.tool('slow', async () => {
      await sleep(1200)
      return text('done')
    })
    const [calling, streaming] = [await session(), await session()]
    const stream = await fetch(url, { headers: { ...streaming, accept: 'text/event-stream' } })
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow' } }
    expect((await post(call, calling)).status).toBe(200)
    expect(closed).toEqual([])
    expect(await ping(calling)).toBe(200)
    await stream.body?.cancel()
    await expect.poll(() => closed).toContain(streaming['mcp-session-id'])
  })

  it('has all of its time when its client leaves a stream that was open for longer', async () => {
    const { session, url } = await start({ sessions: { ttlMs: 1_000, max: 10 } })
    const headers = await session()
    const stream = await fetch(url, { headers: { ...headers, accept: 'text/event-stream' } })
    await sleep(1_500)
    await stream.body?.cancel()
    await sleep(100)
    expect(await ping(headers)).toBe(200)
  })

  it('is ended by DELETE, once', async () => {
    const { session, url } = await start({})
    const headers = await session()
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(200)
    expect(await ping(headers)).toBe(404)
    expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(404)
    expect(closed).toEqual([headers['mcp-session-id']])
  })

  it('that was used least recently gives way to a new one, with all that hangs on it', async () => {
    const { session, gateway, post, url } = await start({ sessions: { ttlMs: 60_000, max: 2 } })
    gateway.tool('slow', async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      return text('late')
    })
    const first = await session()
    const second = await session()
    const stream = events(await fetch(url, { headers: { ...second, accept: 'text/event-stream' } }))
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow' } }
    const call = post(message, { ...second, ...PLAIN })
    await expect.poll(() => gateway.callers.length).toBe(1)
    await ping(first)
    const third = await session()
    expect((await stream.next()).done).toBe(true)
    expect(await (await call).json()).toMatchObject({
      error: { message: expect.stringContaining('session ended') },
    })
    expect([await ping(first), await ping(second), await ping(third)]).toEqual([200, 404, 200])
    expect(closed).toEqual([second['mcp-session-id']])
  })
})

describe('the owner of a session', () => {
  const as = (subject: string): Principal => ({ ...ANONYMOUS, issuer: 'https://idp.example', subject })

  it('is the only one who finds it, and keeps it when others try', async () => {
    const { session, gateway, url } = await start({
      authenticate: (request) => as(request.headers.authorization ?? 'alice'),
    })
    const headers = await session()
    const mallory = { ...headers, authorization: 'mallory' }
    expect(await ping(mallory)).toBe(404)
    expect((await fetch(url, { method: 'DELETE', headers: mallory })).status).toBe(404)
    const stream = await fetch(url, { headers: { ...mallory, accept: 'text/event-stream' } })
    expect(stream.status).toBe(404)
    expect(await ping(headers)).toBe(200)
    await served.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers)
    expect(gateway.callers.at(-1)).toMatchObject({
      principal: { subject: 'alice' },
      session: headers['mcp-session-id'],
    })
  })

  it('is seen with the claims and the headers of each request', async () => {
    let round = 0
    const { session, gateway, post } = await start({
      authenticate: () => ({ ...as('alice'), claims: { round: ++round } }),
      passthroughHeaders: ['x-key'],
    })
    const headers = await session()
    for (const key of ['one', 'two']) {
      await post({ jsonrpc: '2.0', id: 1, method: 'tools/list' }, { ...headers, 'x-key': key })
      expect(gateway.callers.at(-1)).toMatchObject({
        headers: { 'x-key': key },
        principal: { claims: { round } },
      })
    }
    expect(round).toBe(3)
  })
})

describe('closing the front', () => {
  it('lets calls in flight finish, and closes every session', async () => {
    const { session, gateway, post, front, url } = await start({})
    gateway.tool('slow', async () => {
      await sleep(50)
      return text('done')
    })
    const headers = await session()
    const stream = events(await fetch(url, { headers: { ...headers, accept: 'text/event-stream' } }))
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow' } }
    const call = post(message, { ...headers, ...PLAIN })
    await expect.poll(() => gateway.callers.length).toBe(1)
    const closing = front.close(5_000)
    expect(await (await call).json()).toMatchObject({ result: { content: [{ text: 'done' }] } })
    expect((await stream.next()).done).toBe(true)
    await closing
    expect(closed).toEqual([headers['mcp-session-id']])
    await expect(fetch(url)).rejects.toThrow()
  })

  it('ends what takes longer than the grace, and says why', async () => {
    const { session, gateway, post, front } = await start({})
    gateway.tool('endless', async (exchange) => {
      exchange.notify({ method: 'notifications/progress', params: RawObject.of({ progress: 1 }) })
      await new Promise((resolve) => exchange.signal.addEventListener('abort', resolve))
      return text('never')
    })
    const params = { name: 'endless', _meta: { progressToken: 1 } }
    const call = await post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }, await session())
    const stream = events(call)
    await next(stream)
    await front.close(20)
    expect(await next(stream)).toMatchObject({ id: 1, error: { message: 'the server is shutting down' } })
  })
})
