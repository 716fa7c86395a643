import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import { echo, events, MODERN_META, memoryGateway, next, type Served, serve, text } from '../../testing.ts'

let served: Served

beforeEach(async () => {
  served = await serve(memoryGateway())
  served.gateway.tool('echo', echo)
})

afterEach(() => served.close())

interface Reply {
  readonly result?: Record<string, unknown>
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

const body = async (reply: Response) => (await reply.json()) as Reply

async function refusal(reply: Response): Promise<[status: number, code: number | undefined]> {
  return [reply.status, (await body(reply)).error?.code]
}

describe('server/discover', () => {
  it('says everything that is served', async () => {
    const { result } = await body(await served.modern('server/discover'))
    expect(result).toEqual({
      supportedVersions: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        logging: {},
        completions: {},
      },
      resultType: 'complete',
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'test-front', version: '1.2.3' } },
    })
  })
})

describe('the envelope', () => {
  const send = (meta: unknown, version = '2026-07-28') =>
    served.post(
      { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } },
      { 'mcp-protocol-version': version, 'mcp-method': 'tools/list' },
    )

  it.each([
    ['io.modelcontextprotocol/clientCapabilities', undefined],
    ['io.modelcontextprotocol/clientCapabilities', 'all'],
    ['io.modelcontextprotocol/clientInfo', 'me'],
    ['io.modelcontextprotocol/protocolVersion', 7],
    ['io.modelcontextprotocol/logLevel', 'loud'],
  ])('with %s as %s is refused, naming the key', async (key, value) => {
    const reply = await send({ ...MODERN_META, [key]: value })
    expect(reply.status).toBe(400)
    expect((await body(reply)).error).toMatchObject({ code: -32602, message: expect.stringContaining(key) })
  })

  it('of a version that is not served is refused with those that are', async () => {
    const reply = await send(
      { ...MODERN_META, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' },
      '2099-01-01',
    )
    expect(reply.status).toBe(400)
    expect((await body(reply)).error).toMatchObject({
      code: -32022,
      data: { supported: expect.arrayContaining(['2026-07-28', '2025-11-25']), requested: '2099-01-01' },
    })
  })
})

describe('methods', () => {
  it.each(['ping', 'logging/setLevel', 'resources/subscribe', 'initialize', 'no/such', 'constructor'])(
    '%s does not exist',
    async (method) => {
      expect(await refusal(await served.modern(method))).toEqual([404, -32601])
    },
  )

  it('an unknown tool, prompt or resource is -32602 at 400', async () => {
    expect(await refusal(await served.modern('tools/call', { name: 'x' }))).toEqual([400, -32602])
    expect(await refusal(await served.modern('prompts/get', { name: 'x' }))).toEqual([400, -32602])
    expect(await refusal(await served.modern('resources/read', { uri: 'x:y' }))).toEqual([400, -32602])
  })

  it('parameters of the wrong type are refused, naming them', async () => {
    const reply = await served.modern('tools/call', { name: 'echo', arguments: [1] })
    expect(reply.status).toBe(400)
    expect((await body(reply)).error).toEqual({ code: -32602, message: 'params.arguments must be an object' })
  })

  it('an invalid cursor is refused', async () => {
    expect(await refusal(await served.modern('tools/list', { cursor: 'garbage' }))).toEqual([400, -32602])
  })

  it('a completion that nobody can make is empty', async () => {
    for (const ref of [
      { type: 'ref/prompt', name: 'nope' },
      { type: 'ref/vendor', id: 7 },
    ]) {
      const params = { ref, argument: { name: 'a', value: '' } }
      const { result } = await body(await served.modern('completion/complete', params))
      expect(result).toMatchObject({ completion: { values: [] }, resultType: 'complete' })
    }
  })

  it('an unknown tool is said to be unknown', async () => {
    const { error } = await body(await served.modern('tools/call', { name: 'nope' }))
    expect(error).toEqual({ code: -32602, message: "unknown tool: tool 'nope' not found" })
  })
})

describe('results', () => {
  it('keep what the backend said, and say who we are', async () => {
    const meta = { 'vendor/key': 1, 'io.modelcontextprotocol/serverInfo': { name: 'backend', version: '0' } }
    served.gateway.tool('meta', () => ({ content: [], _meta: meta }))
    const { result } = await body(await served.modern('tools/call', { name: 'meta' }))
    const serverInfo = { name: 'test-front', version: '1.2.3' }
    expect(result?.['_meta']).toEqual({ 'vendor/key': 1, 'io.modelcontextprotocol/serverInfo': serverInfo })
  })

  it('may ask for input', async () => {
    const inputRequests = { a: { method: 'roots/list' } }
    const asking = { inputRequests, requestState: 's' }
    served.gateway.tool('asks', () => ({ type: 'input_required', body: RawObject.of(asking) }))
    const meta = { 'io.modelcontextprotocol/clientCapabilities': { roots: {} } }
    const { result } = await body(await served.modern('tools/call', { name: 'asks' }, { meta }))
    expect(result).toMatchObject({ inputRequests, resultType: 'input_required' })
  })

  it('are lists without what belongs to older versions', async () => {
    served.gateway.tool('tasks', echo, { execution: { taskSupport: 'optional' }, title: 'T' })
    served.gateway.tool('other', echo, { execution: { taskSupport: 'optional', more: 1 } })
    const { result } = (await (await served.modern('tools/list')).json()) as { result: { tools: object[] } }
    const [, tasks, other] = result.tools
    expect(tasks).toEqual({ name: 'tasks', inputSchema: { type: 'object' }, title: 'T' })
    expect(other).toMatchObject({ execution: { more: 1 } })
  })
})

describe('errors', () => {
  const failing = async (error: Error) => {
    served.gateway.tool('fails', () => {
      throw error
    })
    const reply = await served.modern('tools/call', { name: 'fails' })
    return { status: reply.status, error: (await body(reply)).error }
  }

  it.each([
    [{ code: -32002, message: 'gone' }, 400, -32602],
    [{ code: -32042, message: 'url' }, 200, -32603],
    [{ code: -32021, message: 'hop' }, 200, -32603],
    [{ code: 1234, message: 'own', data: { a: 1 } }, 200, 1234],
  ])('of the backend %j come at %i as %i', async (rpc, status, code) => {
    expect(await failing(GatewayError.backend(rpc))).toEqual({ status, error: { ...rpc, code } })
  })

  it('of our own are opaque', async () => {
    expect(await failing(new Error('the password is 1234'))).toEqual({
      status: 200,
      error: { code: -32603, message: 'internal error' },
    })
  })

  it('of a policy are a true 403', async () => {
    const denied = new GatewayError('denied', 'call denied by authorization policy')
    expect(await failing(denied)).toEqual({ status: 403, error: { code: 403, message: denied.message } })
  })
})

describe('a call', () => {
  it('becomes a stream at the first notification, with the client’s own token', async () => {
    served.gateway.tool('works', (exchange) => {
      exchange.notify({
        method: 'notifications/progress',
        params: RawObject.of({ progressToken: 'backend', progress: 1, total: 2 }),
      })
      exchange.notify({
        method: 'notifications/message',
        params: RawObject.of({ level: 'debug', data: 'quiet' }),
      })
      exchange.notify({
        method: 'notifications/message',
        params: RawObject.of({ level: 'error', data: 'loud' }),
      })
      return text('done')
    })
    const meta = { progressToken: 7, 'io.modelcontextprotocol/logLevel': 'warning' }
    const reply = await served.modern('tools/call', { name: 'works' }, { meta })
    expect(reply.headers.get('content-type')).toBe('text/event-stream')
    expect(reply.headers.get('x-accel-buffering')).toBe('no')
    const stream = events(reply)
    expect(await next(stream)).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progress: 1, total: 2, progressToken: 7 },
    })
    expect(await next(stream)).toMatchObject({ method: 'notifications/message', params: { data: 'loud' } })
    expect(await next(stream)).toMatchObject({ id: 1, result: { resultType: 'complete' } })
    expect((await stream.next()).done).toBe(true)
  })

  it('stays plain JSON when the client wants no notifications, or no stream', async () => {
    served.gateway.tool('works', (exchange) => {
      exchange.notify({
        method: 'notifications/progress',
        params: RawObject.of({ progressToken: 'backend', progress: 1 }),
      })
      exchange.notify({
        method: 'notifications/message',
        params: RawObject.of({ level: 'error', data: 'loud' }),
      })
      return text('done')
    })
    const unasked = await served.modern('tools/call', { name: 'works' })
    const meta = { progressToken: 7 }
    const headers = { accept: 'application/json' }
    const unable = await served.modern('tools/call', { name: 'works' }, { meta, headers })
    for (const reply of [unasked, unable]) expect(reply.headers.get('content-type')).toBe('application/json')
  })

  it('is cancelled when the client hangs up', async () => {
    const hangUp = new AbortController()
    let aborted = false
    served.gateway.tool('slow', async ({ signal }) => {
      setTimeout(() => hangUp.abort(), 10)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      aborted = true
      return text('late')
    })
    await expect(served.modern('tools/call', { name: 'slow' }, { signal: hangUp.signal })).rejects.toThrow()
    await expect.poll(() => aborted).toBe(true)
  })

  it('that needs what the client has not declared is refused honestly', async () => {
    served.gateway.tool('asks', async (exchange) => {
      await exchange.ask({ method: 'elicitation/create', params: RawObject.empty })
      return text('never')
    })
    const call = async (capabilities: object) => {
      const meta = { 'io.modelcontextprotocol/clientCapabilities': capabilities }
      const reply = await served.modern('tools/call', { name: 'asks' }, { meta })
      return { status: reply.status, error: (await body(reply)).error }
    }
    const undeclared = await call({})
    expect(undeclared.status).toBe(400)
    expect(undeclared.error).toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { elicitation: {} } },
    })
  })

  it('carries the headers that are let through, and no others', async () => {
    await served.close()
    served = await serve(memoryGateway(), { passthroughHeaders: ['x-key'] })
    served.gateway.tool('echo', echo)
    const headers = { 'X-Key': 'k1', 'x-secret': 's' }
    await served.modern('tools/call', { name: 'echo' }, { headers })
    expect(served.gateway.callers.at(-1)).toMatchObject({
      era: 'modern',
      session: undefined,
      version: '2026-07-28',
      client: { name: 'test', version: '1' },
      headers: { 'x-key': 'k1' },
    })
    expect(served.gateway.callers.at(-1)?.headers).not.toHaveProperty('x-secret')
  })
})
