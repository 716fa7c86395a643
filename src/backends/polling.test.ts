import type { RequestListener, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import type { Backend } from '../core/ports.ts'
import {
  exchange,
  handMade,
  httpConfig,
  type JsonRpc,
  legacyBasics,
  legacyCaller,
  ready,
  Stage,
  toolCall,
  until,
} from './testing.ts'

const stage = closedAfterEach(new Stage())
const limits = { pollMs: 50 }

/** A legacy server without sessions, whose tools change without a word. */
async function silent(more: (message: JsonRpc, res: ServerResponse) => unknown = () => undefined) {
  const it = { tools: ['old'], lists: 0 }
  const listener = handMade((message, _, res) => {
    const special = more(message, res)
    if (special !== undefined || res.headersSent) return special
    if (message.method !== 'tools/list') return legacyBasics(message, res)
    it.lists++
    return { result: { tools: it.tools.map((name) => ({ name, inputSchema: { type: 'object' } })) } }
  })
  return Object.assign(it, { origin: await stage.serve(listener) })
}

/** How often it was listed, once it was not for a while. */
async function settled(server: { readonly lists: number }): Promise<number> {
  for (let before = -1; before !== server.lists; await sleep(200)) before = server.lists
  return server.lists
}

function namesOf(backend: Backend): unknown[] {
  return backend.state.status === 'ready' ? backend.state.offer.tools.map(({ name }) => name) : []
}

describe('a server over HTTP', () => {
  it('that cannot tell of changes is listed again from time to time', async () => {
    const server = await silent()
    const backend = await stage.backend(httpConfig(server.origin), { limits })
    server.tools = ['old', 'new']
    await until(() => namesOf(backend).includes('new'))
  })

  it('that announces changes on its stream is not', async () => {
    const server = await silent((message, res) => {
      if (message.method === 'HTTP GET')
        res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      if (message.method !== 'initialize') return undefined
      const capabilities = { tools: { listChanged: true } }
      const serverInfo = { name: 'hand', version: '1' }
      return { result: { protocolVersion: '2025-06-18', capabilities, serverInfo } }
    })
    await stage.backend(httpConfig(server.origin), { limits })
    // Until the stream stands, it is listed all the same.
    const lists = await settled(server)
    await sleep(300)
    expect(server.lists).toBe(lists)
  })

  it('that announces changes and has no stream is', async () => {
    const server = await silent((message) => {
      if (message.method !== 'initialize') return undefined
      const capabilities = { tools: { listChanged: true } }
      const serverInfo = { name: 'hand', version: '1' }
      return { result: { protocolVersion: '2025-06-18', capabilities, serverInfo } }
    })
    await stage.backend(httpConfig(server.origin), { limits })
    await until(() => server.lists > 1)
  })
})

it('a legacy server in whose place a modern one answers is found out by the next call, which it answers', async () => {
  let isModern = false
  const handler = createMcpHandler(
    () => {
      const server = new McpServer({ name: 'new', version: '1' })
      server.registerTool('t', {}, async () => ({ content: [{ type: 'text', text: 'modern' }] }))
      return server
    },
    { legacy: 'reject' },
  )
  const modern = toNodeHandler(handler) as RequestListener
  const legacy = handMade((message, _, res) =>
    message.method === 'tools/list'
      ? { result: { tools: [{ name: 't', inputSchema: { type: 'object' } }] } }
      : legacyBasics(message, res),
  )
  const origin = await stage.serve((req, res) => (isModern ? void modern(req, res) : legacy(req, res)))
  const backend = await stage.backend(httpConfig(origin))
  isModern = true
  const { body } = await backend.run({ caller: legacyCaller(), ...toolCall('t') }, exchange())
  expect(body.value('content')).toEqual([{ type: 'text', text: 'modern' }])
  expect((await ready(backend)).server.era).toBe('modern')
})
