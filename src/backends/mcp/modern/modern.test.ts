import type { RequestListener } from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, inputRequired, type McpHttpHandler, McpServer } from '@modelcontextprotocol/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { closedAfterEach } from '../../../../test/fixtures/closed.ts'
import type { Call } from '../../../core/call.ts'
import type { BackendRequest } from '../../../core/ports.ts'
import {
  exchange,
  handMade,
  httpConfig,
  type JsonRpc,
  legacyCaller,
  modernCaller,
  rawCall,
  ready,
  Stage,
  textOf,
  toolCall,
  until,
} from '../../testing.ts'

const stage = closedAfterEach(new Stage())

const VERSION = 'io.modelcontextprotocol/protocolVersion'
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
const CLIENT = 'io.modelcontextprotocol/clientInfo'

interface Seen {
  cancelled: number
  tools: number
}

function makeServer(seen: Seen): McpServer {
  const server = new McpServer(
    { name: 'modern', version: '3' },
    { capabilities: { logging: {}, tools: { listChanged: true } } },
  )
  const text = (value: unknown) => ({
    content: [{ type: 'text' as const, text: JSON.stringify(value ?? null) }],
  })
  server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, ({ text: it }) => text(it))
  server.registerTool('progress', {}, async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken ?? 'none'
    await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
    await ctx.mcpReq.log('info', 'hello')
    return text('done')
  })
  server.registerTool('wait', {}, async (ctx) => {
    await new Promise<void>((resolve) => ctx.mcpReq.signal.addEventListener('abort', () => resolve()))
    seen.cancelled++
    return text('late')
  })
  server.registerTool('ask', {}, async (ctx) => {
    const answer = ctx.mcpReq.inputResponses?.['name']
    if (answer !== undefined) return text(answer)
    const schema = { type: 'object' as const, properties: { name: { type: 'string' as const } } }
    return inputRequired({
      inputRequests: { name: inputRequired.elicit({ message: 'name?', requestedSchema: schema }) },
      requestState: 'round-1',
    })
  })
  for (let i = 0; i < seen.tools; i++) server.registerTool(`more_${i}`, {}, () => text(i))
  return server
}

async function start(over: object = {}) {
  const seen: Seen = { cancelled: 0, tools: 0 }
  const handler: McpHttpHandler = createMcpHandler(() => makeServer(seen), { legacy: 'reject' })
  const url = await stage.serve(toNodeHandler(handler) as RequestListener)
  const backend = await stage.backend(httpConfig(url, over))
  return { seen, handler, backend }
}

describe('a modern server', () => {
  it('is found out, listed and called under its own tool name, by clients of both eras', async () => {
    const { backend } = await start()
    const { server, offer } = await ready(backend)
    expect(server).toMatchObject({
      era: 'modern',
      version: '2026-07-28',
      info: { name: 'modern', version: '3' },
    })
    expect(offer.tools.map((tool) => tool['name'])).toContain('echo')
    for (const caller of [legacyCaller(), modernCaller()]) {
      const { type, body } = await backend.run({ caller, ...toolCall('echo', { text: 'ä' }) }, exchange())
      expect([type, textOf(body)]).toEqual(['complete', '"ä"'])
      expect(body.has('resultType')).toBe(false)
      expect(body.has('_meta')).toBe(false)
    }
  })

  it('sends progress and log messages back with the call', async () => {
    const { backend } = await start()
    const ex = exchange()
    await backend.run({ caller: legacyCaller(), ...toolCall('progress', {}, { progressToken: 'p' }) }, ex)
    expect(ex.progressed).toMatchObject([{ progressToken: 'p', progress: 1 }])
    expect(ex.logged).toMatchObject([{ level: 'info', data: 'hello' }])
  })

  it('gets a modern client’s retry as it is: nothing is asked here', async () => {
    const { backend } = await start()
    const ex = exchange({ takesInputRequired: true })
    const caller = modernCaller({ capabilities: { elicitation: { form: {} } } })
    const { type, body } = await backend.run({ caller, ...toolCall('ask') }, ex)
    expect(type).toBe('input_required')
    expect(body.value('requestState')).toBe('round-1')
    expect(ex.asked).toEqual([])
    const inputs = {
      inputResponses: { name: { action: 'accept', content: { name: 'Ada' } } },
      requestState: 'round-1',
    }
    const retry = rawCall('ask', JSON.stringify({ name: 'x_ask', arguments: {}, ...inputs }))
    expect(textOf((await backend.run({ caller, ...retry }, exchange())).body)).toContain('Ada')
  })

  it('puts its question to a legacy client in the course of the call', async () => {
    const { backend } = await start()
    const ex = exchange({ answer: async () => ({ action: 'accept', content: { name: 'Ada' } }) })
    const caller = legacyCaller({ capabilities: { elicitation: {} } })
    const { type, body } = await backend.run({ caller, ...toolCall('ask') }, ex)
    expect([type, JSON.parse(textOf(body))]).toMatchObject(['complete', { content: { name: 'Ada' } }])
    expect(ex.asked).toHaveLength(1)
  })

  it('says itself that a client lacks a capability', async () => {
    const { backend } = await start()
    const result = backend.run({ caller: modernCaller(), ...toolCall('ask') }, exchange())
    await expect(result).rejects.toMatchObject({
      code: 'capability_required',
      data: { requiredCapabilities: { elicitation: {} } },
    })
  })

  it('sees a cancelled call', async () => {
    const { seen, backend } = await start()
    const stop = new AbortController()
    const result = backend.run(
      { caller: modernCaller(), ...toolCall('wait') },
      exchange({ signal: stop.signal }),
    )
    setTimeout(() => stop.abort(), 50)
    await expect(result).rejects.toMatchObject({ code: 'cancelled' })
    await until(() => seen.cancelled === 1)
  })

  it('sees a call that took too long', async () => {
    const { seen, backend } = await start({ timeoutMs: 80 })
    const result = backend.run({ caller: modernCaller(), ...toolCall('wait') }, exchange())
    await expect(result).rejects.toMatchObject({ code: 'timeout' })
    await until(() => seen.cancelled === 1)
  })

  it('that says a list has changed is listed again', async () => {
    const { seen, handler, backend } = await start()
    const before = (await ready(backend)).offer.tools.length
    await new Promise((resolve) => setTimeout(resolve, 100))
    seen.tools = 2
    handler.notify.toolsChanged()
    await until(() => backend.state.status === 'ready' && backend.state.offer.tools.length === before + 2)
  })
})

/** Says what it got. Its tool `annotated` wants arguments in headers. */
async function mirror(
  tools: readonly object[],
  answer: (message: JsonRpc, headers: object) => object | undefined = () => undefined,
) {
  const listener = handMade((message, req) => {
    const { headers } = req
    if (message.method === 'server/discover')
      return {
        result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
      }
    if (message.method === 'tools/list') return { result: { resultType: 'complete', tools } }
    const special = answer(message, headers)
    if (special !== undefined) return special
    const got = { headers, params: message.params, method: message.method }
    return { result: { resultType: 'complete', content: [{ type: 'text', text: JSON.stringify(got) }] } }
  })
  return stage.backend(httpConfig(await stage.serve(listener)))
}

const annotated = (name: string, annotation = 'Region') => ({
  name,
  inputSchema: {
    type: 'object',
    properties: {
      region: { type: 'string', 'x-mcp-header': annotation },
      n: { type: 'integer', 'x-mcp-header': 'N' },
    },
  },
})

async function gotBy(
  backend: {
    run: (
      request: BackendRequest,
      ex: ReturnType<typeof exchange>,
    ) => Promise<{ body: Parameters<typeof textOf>[0] }>
  },
  request: BackendRequest,
) {
  return JSON.parse(textOf((await backend.run(request, exchange())).body))
}

describe('what a modern server gets', () => {
  it('is this caller’s own _meta, never more and never less', async () => {
    const backend = await mirror([])
    const caller = modernCaller({ capabilities: { sampling: {} }, client: { name: 'c', version: '1' } })
    const meta = {
      [VERSION]: '2026-07-28',
      [CAPABILITIES]: { sampling: {} },
      [CLIENT]: { name: 'c' },
      progressToken: 'p',
      k: 1,
    }
    expect((await gotBy(backend, { caller, ...toolCall('t', {}, meta) })).params._meta).toEqual(meta)
    // A step of a workflow has no _meta of the client's.
    expect((await gotBy(backend, { caller, ...toolCall('t') })).params._meta).toEqual({
      [VERSION]: '2026-07-28',
      [CAPABILITIES]: { sampling: {} },
      [CLIENT]: { name: 'c', version: '1' },
    })
  })

  it('is not what a legacy client wrote into reserved keys', async () => {
    const backend = await mirror([])
    const meta = { [VERSION]: 'x', [CAPABILITIES]: { evil: {} }, k: 1 }
    const got = await gotBy(backend, {
      caller: legacyCaller({ capabilities: { roots: {} } }),
      ...toolCall('t', {}, meta),
    })
    expect(got.params._meta).toMatchObject({ k: 1, [VERSION]: '2026-07-28', [CAPABILITIES]: { roots: {} } })
  })

  it('is every argument to the byte', async () => {
    let seen = ''
    const listener: RequestListener = (req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const { id, method } = JSON.parse(text)
        if (method === 'tools/call') seen = text
        const result =
          method === 'server/discover'
            ? { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } }
            : { tools: [], content: [] }
        res.writeHead(200, { 'content-type': 'application/json' })
        res.end(JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } }))
      })
    }
    const backend = await stage.backend(httpConfig(await stage.serve(listener)))
    const args = '{"big":12345678901234567890, "f":1.0,"s":"\\u00e4"}'
    const call = rawCall('t', `{"name":"x_t","arguments":${args},"unknown":[1]}`)
    await backend.run({ caller: modernCaller(), ...call }, exchange())
    expect(seen).toContain(args)
    expect(seen).toContain('"unknown":[1]')
    expect(seen).toContain('"name":"t"')
    expect(seen).not.toContain('x_t')
  })

  it('are headers that repeat the body, encoded where they must be', async () => {
    const backend = await mirror([annotated('wörld')])
    const call = toolCall('wörld', { region: 'süd', n: 7 })
    const { headers, params } = await gotBy(backend, { caller: modernCaller(), ...call })
    expect(params.name).toBe('wörld')
    expect(headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': '=?base64?d8O2cmxk?=',
      'mcp-param-region': '=?base64?c8O8ZA==?=',
      'mcp-param-n': '7',
    })
  })

  it('come with the headers of the client that repeat no argument, as sent', async () => {
    const backend = await mirror([annotated('t')])
    const { call, item } = toolCall('t', { region: 'eu' })
    const paramHeaders = {
      'mcp-param-region': 'other',
      'mcp-param-n': '7',
      'mcp-param-new': '=?base64?w7w=?=',
    }
    const request = { caller: modernCaller(), call: { ...call, paramHeaders } as Call, item }
    const { headers } = await gotBy(backend, request)
    expect(headers).toMatchObject({ 'mcp-param-region': 'eu', 'mcp-param-new': '=?base64?w7w=?=' })
    expect(headers).not.toHaveProperty('mcp-param-n')
  })
})

describe('a tool whose header annotations', () => {
  it('are invalid is not offered, and the log says why', async () => {
    const backend = await mirror([annotated('good'), annotated('bad', 'no good')])
    expect((await ready(backend)).offer.tools.map((it) => it['name'])).toEqual(['good'])
    const warning = stage.log.lines.find((line) => line.fields['tool'] === 'bad')
    expect(warning).toMatchObject({ level: 'warn', message: expect.stringContaining('x-mcp-header') })
  })

  it('changed meanwhile is looked up again, and the call made once more', async () => {
    const tools: object[] = [annotated('t')]
    const backend = await mirror(tools, (message, headers) => {
      if (message.method !== 'tools/call' || 'mcp-param-zone' in headers) return undefined
      tools.splice(0, 1, annotated('t', 'Zone'))
      return { error: { code: -32020, message: 'Mcp-Param-Zone is missing' } }
    })
    const { headers } = await gotBy(backend, { caller: modernCaller(), ...toolCall('t', { region: 'eu' }) })
    expect(headers).toMatchObject({ 'mcp-param-zone': 'eu' })
  })

  it('never agree is a fault between us and the server, not the client’s', async () => {
    const backend = await mirror([annotated('t')], () => ({ error: { code: -32020, message: 'mismatch' } }))
    const result = backend.run({ caller: modernCaller(), ...toolCall('t') }, exchange())
    await expect(result).rejects.toMatchObject({ code: 'bad_gateway', rpc: undefined })
  })
})
