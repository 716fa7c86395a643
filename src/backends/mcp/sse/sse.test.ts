import type { RequestListener } from 'node:http'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { closedAfterEach } from '../../../../test/fixtures/closed.ts'
import type { Backend } from '../../../core/ports.ts'
import {
  exchange,
  failed,
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

/** A server of the old HTTP+SSE, on SDK v1. */
function serve() {
  const transports = new Map<string, SSEServerTransport>()
  const listener: RequestListener = async (req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost')
    if (req.method === 'GET' && url.pathname === '/sse') {
      const transport = new SSEServerTransport('/messages', res)
      transports.set(transport.sessionId, transport)
      res.on('close', () => transports.delete(transport.sessionId))
      return makeServer().connect(transport as Parameters<McpServer['connect']>[0])
    }
    const transport = transports.get(url.searchParams.get('sessionId') ?? '')
    if (transport === undefined) res.writeHead(404).end('Cannot POST /sse')
    else await transport.handlePostMessage(req, res)
  }
  return { listener, transports }
}

function makeServer(): McpServer {
  const server = new McpServer({ name: 'old', version: '1' })
  const text = (value: unknown) => ({ content: [{ type: 'text' as const, text: String(value) }] })
  server.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text: it }) => text(it))
  server.registerTool('who', {}, (extra) => text(extra.sessionId))
  server.registerTool('wait', {}, async (extra) => {
    await new Promise<void>((resolve) => extra.signal.addEventListener('abort', () => resolve()))
    return text('late')
  })
  server.registerTool('ask', {}, async () => {
    const requestedSchema = { type: 'object' as const, properties: {} }
    return text(JSON.stringify(await server.server.elicitInput({ message: 'name?', requestedSchema })))
  })
  return server
}

const echo = async (backend: Backend, text: string, caller = modernCaller()) =>
  textOf((await backend.run({ caller, ...toolCall('echo', { text }) }, exchange())).body)

it.each(['sse', 'streamable-http'] as const)(
  'a server of HTTP+SSE is reached when %s is configured',
  async (transport) => {
    const { listener, transports } = serve()
    const backend = await stage.backend(httpConfig(`${await stage.serve(listener)}/sse`, { transport }))
    expect((await ready(backend)).server).toMatchObject({ era: 'legacy', info: { name: 'old' } })
    const texts = Array.from({ length: 50 }, (_, i) => `t${i}`)
    expect(await Promise.all(texts.map((text) => echo(backend, text)))).toEqual(texts)
    expect(transports.size).toBe(1)
  },
)

it('each client session has a stream of its own, which ends with it', async () => {
  const { listener, transports } = serve()
  const url = `${await stage.serve(listener)}/sse`
  const backends = stage.backends([httpConfig(url, { transport: 'sse' })])
  const backend = backends.all[0] as Backend
  await ready(backend)
  for (const session of ['a', 'b']) await echo(backend, 'x', legacyCaller({ session }))
  expect(transports.size).toBe(3)
  backends.sessions.release('a')
  await until(() => transports.size === 2)
  await backends.close()
  await until(() => transports.size === 0)
})

it('the client of the only call in progress can be asked', async () => {
  const { listener } = serve()
  const backend = await stage.backend(httpConfig(`${await stage.serve(listener)}/sse`, { transport: 'sse' }))
  const ex = exchange({ answer: async () => ({ action: 'accept', content: { name: 'Ada' } }) })
  const caller = legacyCaller({ capabilities: { elicitation: {} } })
  const { body } = await backend.run({ caller, ...toolCall('ask') }, ex)
  expect(textOf(body)).toContain('Ada')
})

it('a stream that breaks ends the calls on it, and the next call gets a new one', async () => {
  const { listener, transports } = serve()
  const backend = await stage.backend(httpConfig(`${await stage.serve(listener)}/sse`, { transport: 'sse' }))
  const waiting = backend.run({ caller: modernCaller(), ...toolCall('wait') }, exchange())
  setTimeout(() => {
    for (const transport of transports.values()) void transport.close()
  }, 50)
  await expect(waiting).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('may or may not have run'),
  })
  expect(await echo(backend, 'again')).toBe('again')
})

it('an endpoint at another origin gets nothing', async () => {
  let reached = 0
  const elsewhere = await stage.serve((_, res) => {
    reached++
    res.end()
  })
  const url = await stage.serve((_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    res.write(`event: endpoint\ndata: ${elsewhere}/messages?secret=1\n\n`)
  })
  const backend = stage.backends([httpConfig(url, { transport: 'sse' })]).all[0] as Backend
  const message = await failed(backend)
  expect(message).toContain('not of its own origin')
  expect(message).not.toContain('secret')
  expect(reached).toBe(0)
})

it('what is no event stream is said to be none', async () => {
  const url = await stage.serve(
    (_, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>'),
  )
  const backend = stage.backends([httpConfig(url, { transport: 'sse' })]).all[0] as Backend
  expect(await failed(backend)).toContain('not an event stream')
})
