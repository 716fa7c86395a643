import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  ElicitRequestSchema,
  PromptListChangedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { Agent, request } from 'undici'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../fixtures/ask.ts'
import { LegacyClient, MODERN, ModernClient } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { Cutter } from '../fixtures/cutter.ts'
import { type DrivenCall, DrivenServer } from '../fixtures/sdk/driven.ts'
import { type Child, Stage } from '../fixtures/stage.ts'

// Connections that break in the middle of a call, with the clients that come back by themselves.

const ACCEPT = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }
const INFO = { name: 'resuming', version: '1' }

const stage = closedAfterAll(new Stage())
let backend: DrivenServer
let gateway: Child
let wire: Cutter
beforeAll(async () => {
  backend = await DrivenServer.start()
  stage.defer(() => backend.close())
  gateway = await stage.gateway({ config: config([{ name: 'd', url: backend.url }]) })
  wire = await Cutter.to(gateway.ready)
  stage.defer(() => wire.close())
  await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(['d_work']))
})
beforeEach(() => void backend.calls.splice(0))

const nextCall = (at = 0) =>
  eventually(() => {
    const call = backend.calls[at]
    if (call === undefined) throw new Error('the call has not come yet')
    return call
  })

/** What a client saw of all that happened. */
interface Seen {
  readonly progress: number[]
  readonly asked: string[]
  readonly toolsChanged: () => number
  readonly promptsChanged: () => number
}

interface Peer extends Seen {
  call(): Promise<unknown>
}

async function v1(url: string): Promise<Peer> {
  const client = new Client(INFO, { capabilities: { elicitation: {} } })
  const seen = { progress: [] as number[], asked: [] as string[] }
  let [tools, prompts] = [0, 0]
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    seen.asked.push(params.message)
    return { action: 'accept' as const, content: { name: 'Ada' } }
  })
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void tools++)
  client.setNotificationHandler(PromptListChangedNotificationSchema, () => void prompts++)
  await client.connect(new StreamableHTTPClientTransport(new URL(url)) as Transport)
  stage.defer(() => client.close())
  const onprogress = ({ progress }: { progress: number }) => void seen.progress.push(progress)
  return {
    ...seen,
    toolsChanged: () => tools,
    promptsChanged: () => prompts,
    call: () => client.callTool({ name: 'd_work' }, undefined, { onprogress }),
  }
}

async function v2(url: string): Promise<Peer> {
  const client = new ClientV2(INFO, {
    versionNegotiation: { mode: 'legacy' },
    capabilities: { elicitation: {} },
  })
  const seen = { progress: [] as number[], asked: [] as string[] }
  let [tools, prompts] = [0, 0]
  client.setRequestHandler('elicitation/create', ({ params }) => {
    seen.asked.push(params.message)
    return { action: 'accept' as const, content: { name: 'Ada' } }
  })
  client.setNotificationHandler('notifications/tools/list_changed', () => void tools++)
  client.setNotificationHandler('notifications/prompts/list_changed', () => void prompts++)
  await client.connect(new HttpV2(new URL(url)))
  stage.defer(() => client.close())
  const onprogress = ({ progress }: { progress: number }) => void seen.progress.push(progress)
  return {
    ...seen,
    toolsChanged: () => tools,
    promptsChanged: () => prompts,
    call: () => client.callTool({ name: 'd_work' }, { onprogress }),
  }
}

describe.each([
  ['SDK v1', v1],
  ['SDK v2', v2],
] as const)('a legacy client on %s whose connection breaks', (_, connect) => {
  test('in the middle of a call, again and again, gets everything once', async () => {
    const peer = await connect(wire.url)
    const result = peer.call()
    const call = await nextCall()
    await call.progress(1)
    await eventually(() => expect(peer.progress).toEqual([1]))

    wire.cut()
    for (const done of [2, 3]) await call.progress(done)
    expect(await call.ask('name?')).toBe('Ada')
    expect(peer.progress).toEqual([1, 2, 3])

    await call.progress(4)
    await eventually(() => expect(peer.progress).toEqual([1, 2, 3, 4]))
    wire.cut()
    await call.progress(5)
    call.finish('done')
    expect(await result).toMatchObject({ content: [{ text: 'done' }] })
    expect(peer.progress).toEqual([1, 2, 3, 4, 5])
    expect(peer.asked).toEqual(['name?'])
  })

  test('before anything came of a call gets the answer', async () => {
    const peer = await connect(wire.url)
    const before = wire.sent.length
    const result = peer.call()
    const call = await nextCall()
    // The stream of the answer begins by itself; `a` is for answers.
    await eventually(() => expect(wire.sent.slice(before)).toMatch(/^id: a\S+\nretry: /m))
    wire.cut()
    call.finish('done')
    expect(await result).toMatchObject({ content: [{ text: 'done' }] })
  })

  test('between calls hears of what changed meanwhile, and of nothing else', async () => {
    const peer = await connect(wire.url)
    // The client opens its stream on its own time.
    await eventually(() => {
      backend.addTool()
      expect(peer.toolsChanged()).toBeGreaterThan(0)
    })
    // Whatever else was on its way comes in before the wire is cut.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const before = peer.toolsChanged()
    wire.cut()
    backend.addTool()
    await eventually(() => expect(peer.toolsChanged()).toBeGreaterThan(before))
    expect(peer.promptsChanged()).toBe(0)
  })
})

describe('a client that comes back', () => {
  const agent = new Agent()
  const begin = async (client: LegacyClient) => {
    const params = { name: 'd_work', arguments: {}, _meta: { progressToken: 1 } }
    const { body } = await request(wire.url, {
      dispatcher: agent,
      method: 'POST',
      headers: { ...ACCEPT, ...(client.sessionHeaders as Record<string, string>) },
      body: JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params }),
    })
    body.on('error', () => {})
    return textUntil(body, 'id: ')
  }
  const resume = (client: LegacyClient, last: string) =>
    client.raw.send({
      method: 'GET',
      headers: { ...client.sessionHeaders, accept: 'text/event-stream', 'last-event-id': last },
    })
  const idIn = (text: string) => /^id: (\S+)$/m.exec(text)?.[1] as string
  const open = async (version?: string) => {
    const client = await LegacyClient.open(gateway.ready, version === undefined ? {} : { version })
    stage.defer(() => client.close())
    return client
  }

  async function broken(client: LegacyClient): Promise<{ last: string; call: DrivenCall }> {
    const at = backend.calls.length
    const beginning = begin(client)
    const call = await nextCall(at)
    const last = idIn(await beginning)
    wire.cut()
    return { last, call }
  }

  test('gets its own streams, each to its end, and those of nobody else', async () => {
    const [client, other] = [await open(), await open()]
    const one = await broken(client)
    const two = await broken(client)
    await one.call.progress(1)
    await two.call.progress(2)
    one.call.finish('first')
    two.call.finish('second')
    expect((await resume(other, one.last)).status).toBe(405)
    const [first, second] = [await resume(client, one.last), await resume(client, two.last)]
    const told = ({ messages }: typeof first) => messages.map(({ params, result }) => params ?? result)
    expect(told(first)).toMatchObject([{ progress: 1 }, { content: [{ text: 'first' }] }])
    expect(told(second)).toMatchObject([{ progress: 2 }, { content: [{ text: 'second' }] }])
    const done = [...first.text.matchAll(/^id: (\S+)$/gm)].at(-1)?.[1] as string
    expect((await resume(client, done)).status).toBe(405)
  })

  test('of a version before events without data gets none, and comes back as well', async () => {
    const client = await open('2025-06-18')
    const beginning = begin(client)
    const call = await nextCall()
    await call.progress(1)
    const text = await beginning
    wire.cut()
    call.finish('done')
    expect(text).not.toMatch(/^data: ?$/m)
    const reply = await resume(client, idIn(text))
    expect(reply.message.result).toMatchObject({ content: [{ text: 'done' }] })
    expect(reply.text).not.toMatch(/^data: ?$/m)
  })
})

test('clients that cannot come back are sent the beginning of a stream when they have waited for long', async () => {
  const modern = new ModernClient(gateway.ready)
  const legacy = await LegacyClient.open(gateway.ready, { version: '2025-06-18' })
  for (const client of [modern, legacy]) stage.defer(() => client.close())
  const send = async (headers: object, meta: object) => {
    const params = { name: 'd_work', arguments: {}, ...meta }
    const reply = await request(gateway.ready, {
      method: 'POST',
      headers: { ...ACCEPT, ...(headers as Record<string, string>) },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
    })
    return { type: reply.headers['content-type'], text: reply.body.text() }
  }
  const own = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': 'd_work' }
  // Neither call has been answered when its reply begins.
  const replies = await Promise.all([send(own, { _meta: modern.meta() }), send(legacy.sessionHeaders, {})])
  for (const call of [await nextCall(), await nextCall(1)]) call.finish('done')
  for (const { type, text } of replies) {
    expect(type).toBe('text/event-stream')
    expect(await text).toContain('"text":"done"')
  }
  expect(await replies[0]?.text).not.toMatch(/^(id|retry):/m)
})

/** Reads from a stream until a text has come whole, with its event. */
async function textUntil(body: AsyncIterable<Buffer>, what: string): Promise<string> {
  let text = ''
  for await (const chunk of body) {
    text += chunk.toString()
    const found = text.indexOf(what)
    if (found >= 0 && text.includes('\n\n', found)) return text
  }
  throw new Error(`the stream ended without '${what}': ${text}`)
}
