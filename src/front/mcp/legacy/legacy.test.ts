import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import { echo, events, memoryGateway, next, type Served, serve, text } from '../../testing.ts'

let served: Served
let headers: Record<string, string>

beforeEach(async () => {
  served = await serve(memoryGateway())
  served.gateway.tool('echo', echo)
  headers = await served.session()
})

afterEach(() => served.close())

const post = (message: object, more: Record<string, string> = {}) =>
  served.post({ jsonrpc: '2.0', ...message }, { ...headers, ...more })

const request = (method: string, params: object = {}, id: unknown = 1) => post({ id, method, params })
const call = (name: string, params: object = {}, id: unknown = 1) =>
  request('tools/call', { name, ...params }, id)

interface Reply {
  readonly result?: Record<string, unknown>
  readonly error?: { readonly code: number; readonly message: string }
}

const body = async (reply: Response | Promise<Response>) => (await (await reply).json()) as Reply

describe('initialize', () => {
  const initialize = (params: object) => served.post({ jsonrpc: '2.0', id: 0, method: 'initialize', params })

  it.each([
    ['2024-11-05', '2024-11-05'],
    ['2025-03-26', '2025-03-26'],
    ['2025-06-18', '2025-06-18'],
    ['2025-11-25', '2025-11-25'],
    ['2026-07-28', '2025-11-25'],
    ['1999-01-01', '2025-11-25'],
  ])('%s is answered with %s', async (asked, spoken) => {
    const reply = await initialize({ protocolVersion: asked, capabilities: {}, clientInfo: { name: 'c' } })
    expect(reply.headers.get('mcp-session-id')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/,
    )
    expect((await body(reply)).result).toEqual({
      protocolVersion: spoken,
      serverInfo: { name: 'test-front', version: '1.2.3' },
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        logging: {},
        completions: {},
      },
    })
  })

  it('does not wait for a backend', async () => {
    served.gateway.list = () => new Promise(() => {})
    expect((await initialize({ protocolVersion: '2025-11-25' })).status).toBe(200)
  })

  it('refuses what it cannot keep', async () => {
    expect((await body(initialize({}))).error?.code).toBe(-32602)
    const clientInfo = { name: 'x'.repeat(100_000) }
    expect((await initialize({ protocolVersion: '2025-11-25', clientInfo })).status).toBe(413)
  })
})

describe('methods', () => {
  it('ping and logging/setLevel are answered', async () => {
    expect((await body(request('ping'))).result).toEqual({})
    expect((await body(request('logging/setLevel', { level: 'error' }))).result).toEqual({})
    expect((await body(request('logging/setLevel', { level: 'loud' }))).error?.code).toBe(-32602)
  })

  it.each(['server/discover', 'subscriptions/listen', 'no/such'])('%s is -32601 at 200', async (method) => {
    const reply = await request(method)
    expect([reply.status, (await body(reply)).error?.code]).toEqual([200, -32601])
  })

  it('an unknown tool or prompt is -32602 at 200, an unknown resource -32002', async () => {
    const reply = await call('x')
    expect(reply.status).toBe(200)
    expect((await body(reply)).error).toEqual({ code: -32602, message: "tool 'x' not found" })
    expect((await body(request('prompts/get', { name: 'x' }))).error?.code).toBe(-32602)
    expect((await body(request('resources/read', { uri: 'x:y' }))).error?.code).toBe(-32002)
  })

  it('an invalid cursor is -32602', async () => {
    expect((await body(request('resources/list', { cursor: 'garbage' }))).error?.code).toBe(-32602)
  })

  it('a version that is not served in sessions is refused', async () => {
    for (const version of ['2020-01-01', '']) {
      const reply = await post({ id: 1, method: 'ping' }, { 'mcp-protocol-version': version })
      expect([reply.status, (await body(reply)).error?.code]).toEqual([400, -32600])
    }
    expect((await post({ id: 1, method: 'ping' }, { 'mcp-protocol-version': '2025-06-18' })).status).toBe(200)
  })
})

describe('errors', () => {
  it.each([
    [GatewayError.backend({ code: -32002, message: 'gone', data: { uri: 'a' } }), 200, -32002],
    [GatewayError.backend({ code: -32042, message: 'url', data: { elicitations: [] } }), 200, -32042],
    [GatewayError.backend({ code: -32021, message: 'hop' }), 200, -32603],
    [new GatewayError('denied', 'call denied by authorization policy'), 403, 403],
    [new GatewayError('timeout', 'too slow'), 200, -32603],
    [new Error('the password is 1234'), 200, -32603],
  ])('%s is %i, %i', async (error, status, code) => {
    served.gateway.tool('fails', () => {
      throw error
    })
    const reply = await call('fails')
    expect([reply.status, (await body(reply)).error?.code]).toEqual([status, code])
  })
})

describe('results', () => {
  it('that older versions cannot hold are put into an object, and so is their schema', async () => {
    const outputSchema = { type: 'array', items: { $ref: '#/$defs/n' }, $defs: { n: { type: 'number' } } }
    served.gateway.tool('numbers', () => ({ content: [], structuredContent: [1, 2] }), { outputSchema })
    const { tools } = (await body(request('tools/list'))).result as { tools: Record<string, unknown>[] }
    expect(tools[1]?.['outputSchema']).toEqual({
      type: 'object',
      properties: { result: { type: 'array', items: { $ref: '#/$defs/n' } } },
      required: ['result'],
      $defs: { n: { type: 'number' } },
    })
    expect((await body(call('numbers'))).result).toEqual({
      structuredContent: { result: [1, 2] },
      content: [{ type: 'text', text: '[1,2]' }],
    })
  })

  it('that are objects stay as they are', async () => {
    served.gateway.tool('object', () => ({ content: [], structuredContent: { a: 1 } }))
    expect((await body(call('object'))).result).toEqual({ content: [], structuredContent: { a: 1 } })
  })
})

describe('a call', () => {
  it('relays progress and logs on its own stream, as loud as the session wants', async () => {
    served.gateway.tool('works', (exchange) => {
      exchange.notify({ method: 'notifications/progress', params: RawObject.of({ progress: 1 }) })
      exchange.notify({
        method: 'notifications/message',
        params: RawObject.of({ level: 'info', data: 'quiet' }),
      })
      exchange.notify({
        method: 'notifications/message',
        params: RawObject.of({ level: 'error', data: 'loud' }),
      })
      return text('done')
    })
    const chatty = events(await call('works', { _meta: { progressToken: 'p' } }))
    expect(await next(chatty)).toMatchObject({ params: { progress: 1, progressToken: 'p' } })
    expect(await next(chatty)).toMatchObject({ params: { data: 'quiet' } })
    await request('logging/setLevel', { level: 'error' })
    const quiet = events(await call('works'))
    expect(await next(quiet)).toMatchObject({ params: { data: 'loud' } })
    expect(await next(quiet)).toMatchObject({ id: 1, result: { content: [{ text: 'done' }] } })
  })

  it('asks the client on its stream and waits for the answer', async () => {
    headers = await served.session({ capabilities: { elicitation: {}, roots: {} } })
    served.gateway.tool('asks', async (exchange) => {
      const answer = await exchange.ask({
        method: 'elicitation/create',
        params: RawObject.of({ message: 'name?' }),
      })
      return text(answer.toString())
    })
    const stream = events(await call('asks'))
    const asked = await next(stream)
    expect(asked).toMatchObject({ method: 'elicitation/create', params: { message: 'name?' } })
    const answer = await post({ id: asked['id'], result: { action: 'accept', n: 1 } })
    expect(answer.status).toBe(202)
    expect(await next(stream)).toMatchObject({ result: { content: [{ text: '{"action":"accept","n":1}' }] } })
  })

  it('passes on how far the client is with its answer, under the token of whoever asked', async () => {
    headers = await served.session({ capabilities: { sampling: {} } })
    const told: object[] = []
    served.gateway.tool('asks', async (exchange) => {
      const params = RawObject.of({ _meta: { progressToken: 7, other: 1 } })
      const progress = (it: RawObject) => told.push(it.parse())
      await exchange.ask({ method: 'sampling/createMessage', params, progress })
      return text('done')
    })
    const stream = events(await call('asks'))
    const asked = await next(stream)
    const progressToken = asked['id']
    expect(asked).toMatchObject({ params: { _meta: { progressToken, other: 1 } } })
    const method = 'notifications/progress'
    await post({ method, params: { progressToken: 7, progress: 1 } })
    await post({ method, params: { progressToken, progress: 2 } })
    await post({ id: asked['id'], result: {} })
    await next(stream)
    expect(told).toMatchObject([{ progress: 2 }])
  })

  it('learns that the client refused, and of a capability that it lacks', async () => {
    headers = await served.session({ capabilities: { sampling: {} } })
    served.gateway.tool('asks', async (exchange) => {
      await exchange.ask({ method: 'sampling/createMessage', params: RawObject.empty })
      return text('never')
    })
    const stream = events(await call('asks'))
    const asked = await next(stream)
    await post({ id: asked['id'], error: { code: -1, message: 'User rejected' } })
    expect(await next(stream)).toMatchObject({ error: { code: -1, message: 'User rejected' } })

    headers = await served.session()
    const { error } = await body(call('asks'))
    expect(error).toMatchObject({ code: -32603, message: expect.stringContaining('"sampling"') })
  })

  it('cannot be answered by another session', async () => {
    headers = await served.session({ capabilities: { roots: {} } })
    served.gateway.tool('asks', async (exchange) =>
      text((await exchange.ask({ method: 'roots/list', params: RawObject.empty })).toString()),
    )
    const stream = events(await call('asks'))
    const asked = await next(stream)
    const own = headers
    headers = await served.session({ capabilities: { roots: {} } })
    await post({ id: asked['id'], result: { roots: ['forged'] } })
    headers = own
    await post({ id: asked['id'], result: { roots: [] } })
    expect(await next(stream)).toMatchObject({ result: { content: [{ text: '{"roots":[]}' }] } })
  })

  it('is cancelled by the notification, of its own session only', async () => {
    let [started, aborted] = [0, 0]
    served.gateway.tool('slow', async ({ signal }) => {
      started++
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      aborted++
      return text('late')
    })
    const message = { id: 'x', method: 'tools/call', params: { name: 'slow' } }
    const reply = post(message, { accept: 'application/json' })
    await expect.poll(() => started).toBe(1)
    const own = headers
    headers = await served.session()
    await post({ method: 'notifications/cancelled', params: { requestId: 'x' } })
    await sleep(10)
    expect(aborted).toBe(0)
    headers = own
    await post({ method: 'notifications/cancelled', params: { requestId: 'x' } })
    expect(await (await reply).text()).toBe('')
    expect(aborted).toBe(1)
  })

  it('goes on when the client hangs up', async () => {
    const hangUp = new AbortController()
    let [aborted, finished] = [false, false]
    served.gateway.tool('slow', async ({ signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true
      })
      hangUp.abort()
      await sleep(30)
      finished = true
      return text('done')
    })
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow' } }
    const typed = { ...headers, 'content-type': 'application/json' }
    const init = { method: 'POST', headers: typed, body: JSON.stringify(message), signal: hangUp.signal }
    await expect(fetch(served.url, init)).rejects.toThrow()
    await expect.poll(() => finished).toBe(true)
    expect(aborted).toBe(false)
  })

  it('is refused when too many are in flight', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    served.gateway.tool('waits', async () => {
      await gate
      return text('done')
    })
    headers = await served.session({ protocolVersion: '2025-03-26' })
    const message = (id: number) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'waits' } })
    const batches = Array.from({ length: 10 }, (_, b) =>
      served.post(
        Array.from({ length: 100 }, (_, at) => message(b * 100 + at)),
        headers,
      ),
    )
    await expect.poll(() => served.gateway.callers.length).toBe(1000)
    expect((await body(call('waits', {}, 5000))).error).toMatchObject({ code: 429 })
    release()
    expect(
      await Promise.all(batches.map(async (batch) => ((await (await batch).json()) as []).length)),
    ).toEqual(Array.from({ length: 10 }, () => 100))
  })
})

describe('the stream of a session', () => {
  const open = () => fetch(served.url, { headers: { ...headers, accept: 'text/event-stream' } })

  it('tells of changes', async () => {
    const stream = events(await open())
    for (const kind of ['tools', 'prompts', 'resources'] as const) {
      served.gateway.changed(kind)
      expect(await next(stream)).toEqual({ jsonrpc: '2.0', method: `notifications/${kind}/list_changed` })
    }
  })

  it('takes the place of the one before, and tells what may have been missed', async () => {
    const first = events(await open())
    const second = events(await open())
    expect((await first.next()).done).toBe(true)
    const told = [await next(second), await next(second), await next(second)]
    expect(told.map((message) => message['method'])).toContain('notifications/tools/list_changed')
    served.gateway.changed('tools')
    expect(await next(second)).toMatchObject({ method: 'notifications/tools/list_changed' })
  })

  it('ends with the session', async () => {
    const stream = events(await open())
    expect((await fetch(served.url, { method: 'DELETE', headers })).status).toBe(200)
    expect((await stream.next()).done).toBe(true)
  })

  it('of an unknown session is 404', async () => {
    headers = { 'mcp-session-id': 'nope' }
    expect((await open()).status).toBe(404)
  })
})
