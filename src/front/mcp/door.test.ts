import { request as httpRequest } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GatewayError } from '../../core/errors.ts'
import { echo, memoryGateway, type Served, serve } from '../testing.ts'

let served: Served

beforeEach(async () => {
  const gateway = memoryGateway()
  gateway.tool('echo', echo)
  served = await serve(gateway)
})

afterEach(() => served.close())

async function outcome(reply: Response): Promise<[status: number, code: unknown, message: string]> {
  const body = (await reply.json()) as { error?: { code: number; message: string } }
  return [reply.status, body.error?.code, body.error?.message ?? '']
}

describe('what is no message', () => {
  it.each([
    ['text that is not JSON', '{nope', -32700],
    ['nothing', '', -32700],
    ['a bare value', '42', -32600],
    ['null', ' null', -32600],
    ['a bare word', 'nul', -32700],
    ['another version of JSON-RPC', '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
    ['an id of null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600],
    ['a fractional id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600],
    ['params that are a list', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}', -32600],
    ['neither method nor result', '{"jsonrpc":"2.0","id":1}', -32600],
    [
      '200 levels of nesting',
      `{"jsonrpc":"2.0","id":1,"params":${'['.repeat(200)}${']'.repeat(200)}}`,
      -32700,
    ],
  ])('%s is refused with 400', async (_, body, code) => {
    expect((await outcome(await served.post(body))).slice(0, 2)).toEqual([400, code])
  })

  const untyped = (headers: Record<string, string>) =>
    fetch(served.url, { method: 'POST', headers, body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' })

  it.each([
    [{ 'content-type': 'text/plain' }, 'Content-Type "text/plain" is not read here; send application/json'],
    [{ 'content-type': '' }, 'Content-Type "" is not read here; send application/json'],
    [
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      'Content-Encoding "gzip" is not read here; send the body as it is',
    ],
  ])('a body with %j is refused with 415, saying what to send', async (headers, message) => {
    expect(await outcome(await untyped(headers))).toEqual([415, -32600, message])
  })

  it('the type may have parameters and capitals', async () => {
    const reply = await untyped({ 'content-type': 'Application/JSON ; charset=utf-8' })
    expect(await outcome(reply)).toEqual([400, -32600, expect.stringContaining('initialize')])
  })

  it('the id is named in the refusal when it can be read', async () => {
    const reply = await served.post('{"jsonrpc":"2.0","id":"x","method":7}')
    expect(await reply.json()).toMatchObject({ id: 'x', error: { code: -32600 } })
  })

  it('more than 8 MB is refused with 413, in the shape of a JSON-RPC error', async () => {
    const reply = await served.post('x'.repeat(9 * 1024 * 1024))
    expect(reply.status).toBe(413)
    expect(await reply.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32600 } })
  })
})

describe('the HTTP methods', () => {
  it('GET without an event stream in Accept is 406', async () => {
    const reply = await fetch(served.url, { headers: { accept: 'application/json' } })
    expect(reply.status).toBe(406)
    expect(await reply.json()).toEqual({
      jsonrpc: '2.0',
      id: 'server-error',
      error: { code: -32600, message: 'Not Acceptable: Client must accept text/event-stream' },
    })
  })

  it('GET and DELETE without a session are 405, and so is any other method', async () => {
    const get = await fetch(served.url, { headers: { accept: 'text/event-stream' } })
    const remove = await fetch(served.url, { method: 'DELETE' })
    const put = await fetch(served.url, { method: 'PUT', body: '{}' })
    expect([get.status, remove.status, put.status]).toEqual([405, 405, 405])
    expect(get.headers.get('allow')).toBe('POST')
    expect(put.headers.get('allow')).toBe('POST, GET, DELETE')
  })
})

describe('the era of a request', () => {
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }

  it('a header of 2026-07-28 without _meta is refused, not taken for legacy', async () => {
    const headers = {
      ...(await served.session()),
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/list',
    }
    const [status, code, message] = await outcome(await served.post(list, headers))
    expect([status, code]).toEqual([400, -32602])
    expect(message).toContain('_meta')
  })

  it('a request without a session is told to send initialize', async () => {
    const [status, code, message] = await outcome(await served.post(list))
    expect([status, code]).toEqual([400, -32600])
    expect(message).toContain('Mcp-Session-Id')
  })

  it('an unknown session is 404', async () => {
    const reply = await served.post(list, { 'mcp-session-id': 'c0ffee' })
    expect(reply.status).toBe(404)
    expect(await reply.json()).toMatchObject({ id: 1, error: { code: -32001 } })
  })

  it('a modern request ignores a session header and mints none', async () => {
    const reply = await served.modern('tools/list', {}, { headers: { 'mcp-session-id': 'c0ffee' } })
    expect(reply.status).toBe(200)
    expect(reply.headers.get('mcp-session-id')).toBeNull()
  })

  it('notifications are 202 in both eras', async () => {
    const note = { jsonrpc: '2.0', method: 'notifications/initialized' }
    expect((await served.post(note, await served.session())).status).toBe(202)
    const modern = await served.post(note, { 'mcp-protocol-version': '2026-07-28' })
    expect(modern.status).toBe(202)
    expect(await modern.text()).toBe('')
  })

  it('a response outside of a session is refused', async () => {
    const reply = await served.post({ jsonrpc: '2.0', id: 1, result: {} })
    expect((await outcome(reply)).slice(0, 2)).toEqual([400, -32600])
  })
})

describe('batches', () => {
  const ping = (id: unknown) => ({ jsonrpc: '2.0', id, method: 'ping' })
  const batch = [
    ping(1),
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    ping('two'),
    { jsonrpc: '2.0', id: 3 },
  ]

  it('are served in a session of 2025-03-26, each message on its own', async () => {
    const headers = await served.session({ protocolVersion: '2025-03-26' })
    const reply = await served.post(batch, headers)
    expect(reply.status).toBe(200)
    expect(await reply.json()).toEqual([
      { jsonrpc: '2.0', id: 1, result: {} },
      { jsonrpc: '2.0', id: 'two', result: {} },
      { jsonrpc: '2.0', id: 3, error: { code: -32600, message: expect.any(String) } },
    ])
    expect((await served.post([batch[1]], headers)).status).toBe(202)
  })

  it('relay their bytes untouched, whatever stands between them', async () => {
    const headers = await served.session({ protocolVersion: '2025-03-26' })
    const call = (id: number, args: string) =>
      `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":${args}}}`
    const reply = await served.post(
      ` [ ${call(1, '{"s":"],\\"[{"}')} ,\n${call(2, '{"n":9007199254740993}')} ] `,
      headers,
    )
    const body = await reply.text()
    expect(body).toContain('"got":{"s":"],\\"[{"}')
    expect(body).toContain('"got":{"n":9007199254740993}')
  })

  it.each([
    ['on modern', async () => ({ 'mcp-protocol-version': '2026-07-28' })],
    ['without a session', async () => ({})],
    ['in a later version', () => served.session({ protocolVersion: '2025-06-18' })],
  ])('%s are refused', async (_, headers) => {
    expect((await outcome(await served.post(batch, await headers()))).slice(0, 2)).toEqual([400, -32600])
  })

  it('that are empty or too long are refused', async () => {
    const headers = await served.session({ protocolVersion: '2025-03-26' })
    expect((await outcome(await served.post([], headers))).slice(0, 2)).toEqual([400, -32600])
    const many = Array.from({ length: 101 }, (_, id) => ping(id))
    expect((await outcome(await served.post(many, headers))).slice(0, 2)).toEqual([400, -32600])
  })
})

describe('Host and Origin', () => {
  /** `fetch` does not let Host be set. */
  function status(headers: Record<string, string>, path = '/mcp'): Promise<number | undefined> {
    const { port } = new URL(served.url)
    return new Promise((resolve, reject) => {
      const req = httpRequest({ port, host: '127.0.0.1', path, headers }, (res) =>
        resolve(res.resume().statusCode),
      )
      req.on('error', reject).end()
    })
  }

  it('a foreign Host or Origin is 403', async () => {
    expect(await status({ host: 'evil.example' })).toBe(403)
    expect(await status({ host: 'localhost.evil.example:4483' })).toBe(403)
    expect(await status({ origin: 'http://evil.example' })).toBe(403)
    expect(await status({ origin: 'null' })).toBe(403)
    expect(await status({ host: 'evil.example' }, '/status')).toBe(403)
  })

  it('loopback names pass, whatever the port', async () => {
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:4483', '[::1]:4483']) {
      expect(await status({ host, accept: 'a/b' })).toBe(406)
    }
    expect(await status({ origin: 'http://localhost:6274' })).toBe(406)
    expect(await status({ origin: 'http://[::1]' })).toBe(406)
  })

  it('probes are answered under any name', async () => {
    expect(await status({ host: 'pod.example' }, '/health')).toBe(200)
  })

  it('names and origins that are allowed pass', async () => {
    await served.close()
    const more = { allowedHosts: ['vmcp.example'], allowedOrigins: ['https://app.example'] }
    served = await serve(memoryGateway(), more)
    expect(await status({ host: 'vmcp.example:8443' })).toBe(406)
    expect(await status({ host: 'vmcp.example', origin: 'http://vmcp.example' })).toBe(406)
    expect(await status({ origin: 'https://app.example' })).toBe(406)
    expect(await status({ origin: 'https://app.example.evil' })).toBe(403)
    expect(await status({ host: 'other.example' })).toBe(403)
  })
})

describe('authentication', () => {
  it('a caller who cannot be authenticated gets 401 and reaches nothing', async () => {
    await served.close()
    const gateway = memoryGateway()
    served = await serve(gateway, {
      authenticate: async () => {
        throw new GatewayError('unauthenticated', 'a bearer token is required')
      },
    })
    const reply = await served.modern('tools/list')
    const body = { error: 'invalid_request', error_description: 'a bearer token is required' }
    expect([reply.status, await reply.json()]).toEqual([401, body])
    expect(gateway.callers).toEqual([])
  })
})
