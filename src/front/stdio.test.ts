import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { FrontOptions } from './options.ts'
import { type StdioFront, serveStdio } from './stdio.ts'
import { echo, frontOptions, type MemoryGateway, MODERN_META, memoryGateway, text } from './testing.ts'

interface Wire {
  readonly gateway: MemoryGateway
  readonly front: StdioFront
  readonly input: PassThrough
  /** Everything written so far, one parsed message per line. */
  readonly messages: () => Record<string, unknown>[]
  send(message: unknown): void
  /** The first message that matches, waiting for it. */
  wait(match: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
}

let wire: Wire

afterEach(() => wire?.front.close())

function start(options: Partial<FrontOptions> = {}): Wire {
  const gateway = memoryGateway()
  gateway.tool('echo', echo)
  const input = new PassThrough()
  const output = new PassThrough()
  let written = ''
  output.on('data', (chunk: Buffer) => {
    written += chunk.toString()
  })
  const messages = () =>
    written
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  wire = {
    gateway,
    front: serveStdio(gateway, frontOptions(options), { input, output }),
    input,
    messages,
    send: (message) => input.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`),
    async wait(match) {
      for (let tries = 0; tries < 200; tries++) {
        const found = messages().find(match)
        if (found !== undefined) return found
        await sleep(5)
      }
      throw new Error(`no such message in ${written}`)
    },
  }
  return wire
}

const byId = (id: unknown) => (message: Record<string, unknown>) =>
  message['id'] === id && !('method' in message)

async function initialize(version = '2025-11-25', capabilities: object = {}): Promise<void> {
  const params = { protocolVersion: version, capabilities, clientInfo: { name: 't', version: '1' } }
  wire.send({ jsonrpc: '2.0', id: 'init', method: 'initialize', params })
  await wire.wait(byId('init'))
}

describe('stdio, legacy', () => {
  it('initializes, lists and calls', async () => {
    const { send, wait } = start()
    await initialize()
    send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    send({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
    send({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'echo', arguments: { a: 1 } } })
    expect(await wait(byId(1))).toMatchObject({ result: { tools: [{ name: 'echo' }] } })
    expect(await wait(byId(2))).toMatchObject({ result: { got: { a: 1 } } })
  })

  it('asks for initialize first, and answers ping without it', async () => {
    const { send, wait } = start()
    send({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
    send({ jsonrpc: '2.0', id: 2, method: 'ping' })
    expect(await wait(byId(1))).toMatchObject({ error: { code: -32600, message: 'send initialize first' } })
    expect(await wait(byId(2))).toMatchObject({ result: {} })
  })

  it('tells of changes', async () => {
    const { gateway, wait } = start()
    await initialize()
    gateway.changed('tools')
    await wait((message) => message['method'] === 'notifications/tools/list_changed')
  })

  it('asks the client, and cancels on request', async () => {
    const { gateway, send, wait, messages } = start()
    let [started, cancelled] = [0, 0]
    gateway.tool('ask', async (exchange, call) => {
      const answer = await exchange.ask({ method: 'elicitation/create', params: call.params })
      return text(answer.toString())
    })
    gateway.tool('slow', async ({ signal }) => {
      started++
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      cancelled++
      return text('late')
    })
    await initialize('2025-11-25', { elicitation: {} })
    send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'ask' } })
    const asked = await wait((message) => message['method'] === 'elicitation/create')
    send({ jsonrpc: '2.0', id: asked['id'], result: { action: 'accept' } })
    expect(await wait(byId(1))).toMatchObject({ result: { content: [{ text: '{"action":"accept"}' }] } })

    const slow = (id: number) => send({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'slow' } })
    const cancel = (id: number) =>
      send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } })
    slow(7)
    await sleep(10)
    cancel(7)
    slow(8)
    cancel(8)
    await sleep(10)
    expect([started, cancelled]).toEqual([1, 1])
    expect(messages().some((message) => byId(7)(message) || byId(8)(message))).toBe(false)
  })

  it('serves batches in 2025-03-26, and in no other version', async () => {
    const { send, messages } = start()
    await initialize('2025-03-26')
    send(
      ['{"jsonrpc":"2.0","id":1,"method":"ping"}', '{"jsonrpc":"2.0","id":2,"method":"ping"}'].map((it) =>
        JSON.parse(it),
      ),
    )
    await sleep(30)
    const batch = messages().find((message) => Array.isArray(message)) as unknown as unknown[]
    expect(batch).toHaveLength(2)
  })
})

describe('stdio, modern', () => {
  it('discovers, lists, calls and listens without initialize', async () => {
    const { gateway, send, wait, front, messages } = start()
    const request = (id: unknown, method: string, params: object = {}) =>
      send({ jsonrpc: '2.0', id, method, params: { ...params, _meta: MODERN_META } })
    request('d', 'server/discover')
    expect(await wait(byId('d'))).toMatchObject({ result: { resultType: 'complete' } })
    request('l', 'tools/list')
    expect(await wait(byId('l'))).toMatchObject({ result: { tools: [{ name: 'echo' }], ttlMs: 0 } })
    request('c', 'tools/call', { name: 'echo', arguments: { b: 2 } })
    expect(await wait(byId('c'))).toMatchObject({ result: { got: { b: 2 }, resultType: 'complete' } })
    request(5, 'subscriptions/listen', { notifications: { toolsListChanged: true } })
    await wait((message) => message['method'] === 'notifications/subscriptions/acknowledged')
    gateway.changed('tools')
    expect(await wait((message) => message['method'] === 'notifications/tools/list_changed')).toMatchObject({
      params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 5 } },
    })
    await front.close()
    expect(messages().find(byId(5))).toMatchObject({
      result: { resultType: 'complete', _meta: { 'io.modelcontextprotocol/subscriptionId': 5 } },
    })
  })

  it('stops a subscription that is cancelled', async () => {
    const { gateway, send, wait, messages } = start()
    const params = { notifications: { toolsListChanged: true }, _meta: MODERN_META }
    send({ jsonrpc: '2.0', id: 5, method: 'subscriptions/listen', params })
    await wait((message) => message['method'] === 'notifications/subscriptions/acknowledged')
    send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 5 } })
    await sleep(10)
    gateway.changed('tools')
    await sleep(10)
    expect(messages()).toHaveLength(1)
  })
})

describe('stdio, the connection', () => {
  it('ends with the input, after the replies to what came in', async () => {
    const closed: string[] = []
    const { gateway, send, input, front, messages } = start({ onSessionClosed: (id) => closed.push(id) })
    gateway.tool('slow', async () => {
      await sleep(30)
      return text('done')
    })
    await initialize()
    send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'slow' } })
    input.end('{"jsonrpc":"2.0","id":2,"method":"ping"}')
    await front.closed
    expect(messages().find(byId(1))).toMatchObject({ result: { content: [{ text: 'done' }] } })
    expect(messages().find(byId(2))).toMatchObject({ result: {} })
    expect(closed).toHaveLength(1)
  })

  it('puts a result with line breaks on one line', async () => {
    const { gateway, send, wait } = start()
    await initialize()
    // A line break cannot come in over stdio, but it can from a backend: here it is put back.
    gateway.tool('broken', (_, call) => ({
      type: 'complete',
      body: call.params.with({ structuredContent: '{\n"a":\r\n1}' }),
    }))
    send({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'broken' } })
    expect(await wait(byId(1))).toMatchObject({ result: { structuredContent: { a: 1 } } })
  })

  it('answers what is no message with an error and goes on', async () => {
    const { input, send, wait } = start()
    send('nonsense')
    await wait((message) => (message['error'] as { code: number })?.code === -32700)
    input.write(`{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(9 * 1024 * 1024)}"}\n`)
    await wait((message) => /8 MB/.test((message['error'] as { message: string })?.message))
    send({ jsonrpc: '2.0', id: 2, method: 'ping' })
    await wait(byId(2))
  })
})
