import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { closedAfterEach } from '../../../../test/fixtures/closed.ts'
import type { Ask } from '../../../core/call.ts'
import { RawObject } from '../../../core/raw.ts'
import {
  exchange,
  httpConfig,
  legacyCaller,
  modernCaller,
  ready,
  Stage,
  textOf,
  toolCall,
  until,
} from '../../testing.ts'

const stage = closedAfterEach(new Stage())

interface Seen {
  readonly sessions: Map<string, StreamableHTTPServerTransport>
  readonly requests: { readonly method: string; readonly headers: Record<string, unknown> }[]
  readonly cancelled: string[]
  readonly servers: McpServer[]
}

function talkative(seen: Seen): McpServer {
  const server = new McpServer({ name: 'talkative', version: '1' }, { capabilities: { logging: {} } })
  const text = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] })
  server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text: it }) => text(it))
  server.registerTool('meta', {}, (extra) => text(extra._meta ?? null))
  server.registerTool('who', {}, (extra) =>
    text({ client: server.server.getClientVersion(), session: extra.sessionId }),
  )
  server.registerTool('progress', {}, async (extra) => {
    const progressToken = extra._meta?.progressToken ?? 'none'
    for (const progress of [1, 2])
      await extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress } })
    await extra.sendNotification({
      method: 'notifications/message',
      params: { level: 'info', data: 'hello' },
    })
    return text('done')
  })
  const question = { message: 'name?', requestedSchema: { type: 'object' as const, properties: {} } }
  server.registerTool('ask', {}, async (extra) => {
    const params = { ...question, mode: 'form' as const }
    return text(await extra.sendRequest({ method: 'elicitation/create', params }, z.any()))
  })
  server.registerTool('ask_long', {}, async (extra) => {
    const told: number[] = []
    const params = { ...question, mode: 'form' as const }
    const onprogress = ({ progress }: { progress: number }) => void told.push(progress)
    await extra.sendRequest({ method: 'elicitation/create', params }, z.any(), { onprogress })
    return text(told)
  })
  // Not tied to the call: it goes over the server's own stream.
  server.registerTool('ask_aside', {}, async () => text(await server.server.elicitInput(question)))
  server.registerTool('wait', {}, async (extra) => {
    await new Promise<void>((resolve) => extra.signal.addEventListener('abort', () => resolve()))
    seen.cancelled.push('wait')
    return text('late')
  })
  server.registerTool('fail', {}, () => {
    throw new Error('broken inside')
  })
  server.registerTool('grow', {}, () => {
    for (const each of seen.servers) each.registerTool(`grown_${randomUUID()}`, {}, () => text('grown'))
    return text('grew')
  })
  return server
}

/** A sessionful server on SDK v1. */
function serve(json = false): Seen & { listener: RequestListener; forget: () => void } {
  const seen: Seen = { sessions: new Map(), requests: [], cancelled: [], servers: [] }
  const listener: RequestListener = async (req, res) => {
    seen.requests.push({ method: req.method ?? '', headers: req.headers })
    const id = req.headers['mcp-session-id']
    const known = typeof id === 'string' ? seen.sessions.get(id) : undefined
    if (known !== undefined) return known.handleRequest(req, res)
    if (id !== undefined) {
      res.writeHead(404).end()
      return
    }
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: json,
      onsessioninitialized: (session) => void seen.sessions.set(session, transport),
      onsessionclosed: (session) => void seen.sessions.delete(session),
    })
    const server = talkative(seen)
    seen.servers.push(server)
    await server.connect(transport as Parameters<McpServer['connect']>[0])
    await transport.handleRequest(req, res)
  }
  return { ...seen, listener, forget: () => seen.sessions.clear() }
}

async function start(over: object = {}, json = false) {
  const server = serve(json)
  const url = await stage.serve(server.listener)
  const backend = await stage.backend(httpConfig(url, over))
  const run = (
    name: string,
    args: object = {},
    options: Parameters<typeof exchange>[0] & { meta?: object } = {},
  ) => {
    const ex = exchange(options)
    const caller = legacyCaller({ capabilities: { elicitation: {} } })
    const result = backend.run({ caller, ...toolCall(name, args, options.meta) }, ex)
    return { ex, result, text: async () => JSON.parse(textOf((await result).body)) }
  }
  return { server, backend, run, url }
}

describe.each([
  ['event streams', false],
  ['JSON replies', true],
])('a legacy server that answers with %s', (_, json) => {
  it('is found out, listed and called under its own tool name', async () => {
    const { backend, run } = await start({}, json)
    const { server, offer } = await ready(backend)
    expect(server).toMatchObject({ era: 'legacy', version: '2025-11-25', info: { name: 'talkative' } })
    expect(offer.tools.map((tool) => tool['name'])).toContain('echo')
    expect(await run('echo', { text: 'hï' }).text()).toBe('hï')
  })

  it('answers many calls at once, each with its own answer', async () => {
    const { run } = await start({}, json)
    const texts = Array.from({ length: 100 }, (_, i) => `t${i}`)
    expect(await Promise.all(texts.map((text) => run('echo', { text }).text()))).toEqual(texts)
  })
})

describe('a legacy server', () => {
  it('gets a session per client session, with that client’s name, and modern callers share one', async () => {
    const { server, backend } = await start()
    const who = async (caller: Parameters<typeof backend.run>[0]['caller']) =>
      JSON.parse(textOf((await backend.run({ caller, ...toolCall('who') }, exchange())).body))
    const a = await who(legacyCaller({ session: 'a', client: { name: 'claude', version: '2' } }))
    const again = await who(legacyCaller({ session: 'a' }))
    const b = await who(legacyCaller({ session: 'b' }))
    const modern = await who(modernCaller())
    expect(a.client).toEqual({ name: 'claude', version: '2' })
    expect(again.session).toBe(a.session)
    expect(new Set([a.session, b.session, modern.session]).size).toBe(3)
    expect(modern.client.name).toBe('vmcp')
    expect(server.sessions.size).toBe(3)
  })

  it('shares one session among all where that is configured', async () => {
    const { server, backend } = await start({ connection: 'shared' })
    for (const session of ['a', 'b'])
      await backend.run({ caller: legacyCaller({ session }), ...toolCall('who') }, exchange())
    expect(server.sessions.size).toBe(1)
  })

  it('is told of the end of a client session, and of ours', async () => {
    const server = serve()
    const backends = stage.backends([httpConfig(await stage.serve(server.listener))])
    const backend = backends.all[0] as (typeof backends.all)[0]
    await ready(backend)
    await backend.run({ caller: legacyCaller(), ...toolCall('who') }, exchange())
    expect(server.sessions.size).toBe(2)
    backends.sessions.release('s1')
    await until(() => server.sessions.size === 1)
    await backends.close()
    expect(server.sessions.size).toBe(0)
  })

  it('gets _meta without what belongs to the client’s hop, and its progress comes back', async () => {
    const { run } = await start()
    const meta = { progressToken: 'p', trace: 1, 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
    expect(await run('meta', {}, { meta }).text()).toEqual({ trace: 1, progressToken: expect.any(Number) })
    const { ex, text } = run('progress', {}, { meta })
    expect(await text()).toBe('done')
    expect(ex.progressed.map((it) => it['progress'])).toEqual([1, 2])
    expect(ex.logged).toEqual([{ level: 'info', data: 'hello' }])
  })

  it.each(['ask', 'ask_aside'])(
    'can put a question to the client in the course of a call (%s)',
    async (tool) => {
      const { run } = await start()
      const answer = async () => ({ action: 'accept', content: { name: 'Ada' } })
      const { ex, text } = run(tool, {}, { answer })
      expect(await text()).toMatchObject({ action: 'accept', content: { name: 'Ada' } })
      expect(ex.asked.map((it) => it.method)).toEqual(['elicitation/create'])
    },
  )

  it('hears how far the client is with its answer, under its own token', async () => {
    const { run } = await start()
    const answer = async ({ params, progress }: Ask) => {
      expect(params.object('_meta')?.has('progressToken')).toBe(true)
      progress?.(RawObject.of({ progressToken: 'ours', progress: 3 }))
      return { action: 'accept', content: {} }
    }
    expect(await run('ask_long', {}, { answer }).text()).toEqual([3])
  })

  it('does not run into the timeout while the client thinks', async () => {
    const { run } = await start({ timeoutMs: 150 })
    const answer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 400))
      return { action: 'decline' }
    }
    expect(await run('ask', {}, { answer }).text()).toMatchObject({ action: 'decline' })
  })

  it('hears of a refused question, and says so itself', async () => {
    const { run } = await start()
    const answer = () => Promise.reject(new Error('no'))
    const result = await run('ask', {}, { answer }).result
    expect(result.body.value('isError')).toBe(true)
  })

  it('is told when a call is cancelled', async () => {
    const { server, run } = await start()
    const stop = new AbortController()
    const { result } = run('wait', {}, { signal: stop.signal })
    setTimeout(() => stop.abort(), 50)
    await expect(result).rejects.toMatchObject({ code: 'cancelled' })
    await until(() => server.cancelled.length === 1)
  })

  it('is told when a call takes too long, and the client is told which backend it was', async () => {
    const { server, run } = await start({ timeoutMs: 100 })
    const { result } = run('wait')
    await expect(result).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining("'b'") })
    await until(() => server.cancelled.length === 1)
  })

  it('that forgot its sessions is greeted again, and no call is lost', async () => {
    const { server, run } = await start()
    expect(await run('echo', { text: '1' }).text()).toBe('1')
    server.forget()
    const texts = ['2', '3', '4']
    expect(await Promise.all(texts.map((text) => run('echo', { text }).text()))).toEqual(texts)
    expect(server.sessions.size).toBeLessThanOrEqual(2)
  })

  it('that says a list has changed is listed again', async () => {
    const { backend, run } = await start()
    const before = (await ready(backend)).offer.tools.length
    await run('grow').text()
    await until(() => backend.state.status === 'ready' && backend.state.offer.tools.length === before + 1)
  })

  it('gets the headers of the protocol, the configured ones, and those let through on calls alone', async () => {
    const { server, backend } = await start({ headers: { 'X-Team': 'blue' } })
    const before = server.requests.length
    for (const { headers } of server.requests) expect(headers).toMatchObject({ 'x-team': 'blue' })
    for (const { headers } of server.requests) expect(headers).not.toHaveProperty('x-api-key')
    const caller = legacyCaller({ headers: { 'x-api-key': 'k' } })
    await backend.run({ caller, ...toolCall('who') }, exchange())
    const posts = server.requests.slice(before).filter((it) => it.method === 'POST')
    expect(posts.at(-1)?.headers).toMatchObject({
      'x-api-key': 'k',
      'x-team': 'blue',
      'mcp-protocol-version': '2025-11-25',
      'mcp-session-id': expect.any(String),
    })
  })
})
