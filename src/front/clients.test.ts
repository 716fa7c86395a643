import { PassThrough } from 'node:stream'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RawObject } from '../core/raw.ts'
import { serveStdio } from './stdio.ts'
import { echo, frontOptions, type MemoryGateway, memoryGateway, serve, text } from './testing.ts'

const INFO = { name: 'peer', version: '1.0.0' }
const stops: (() => Promise<unknown> | unknown)[] = []

let gateway: MemoryGateway

beforeEach(() => {
  gateway = memoryGateway()
  gateway.tool('echo', echo, { title: 'Echo' })
  gateway.tool('works', (exchange) => {
    exchange.notify({ method: 'notifications/progress', params: RawObject.of({ progress: 1, total: 2 }) })
    return text('done')
  })
  gateway.tool('asks', async (exchange) => {
    const params = RawObject.of({ message: 'name?', requestedSchema: { type: 'object', properties: {} } })
    return text((await exchange.ask({ method: 'elicitation/create', params })).toString())
  })
  gateway.prompt('hello', () => ({ messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }] }))
  gateway.resource('memo://a', () => ({ contents: [{ uri: 'memo://a', text: 'A' }] }))
  for (let at = 0; at < 1200; at++) gateway.tool(`zz_${String(at).padStart(4, '0')}`, echo)
})

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function overHttp(): Promise<URL> {
  const served = await serve(gateway)
  stops.push(() => served.close())
  return new URL(served.url)
}

/** The SDK's transport for a pair of streams is the same at both ends. */
function overStdio(): StdioServerTransport {
  const [up, down] = [new PassThrough(), new PassThrough()]
  const front = serveStdio(gateway, frontOptions(), { input: up, output: down })
  stops.push(() => front.close())
  return new StdioServerTransport(down, up)
}

const v2 = (mode: 'legacy' | 'auto' | { pin: string }) =>
  new Client(INFO, { versionNegotiation: { mode }, capabilities: { elicitation: {} } })

describe('SDK v2', () => {
  it.each([
    ['legacy', 'legacy', 'http'],
    ['legacy', 'legacy', 'stdio'],
    ['auto', 'modern', 'http'],
    ['auto', 'modern', 'stdio'],
    [{ pin: '2026-07-28' }, 'modern', 'http'],
  ] as const)('%j speaks %s over %s', async (mode, era, wire) => {
    const client = v2(mode)
    await client.connect(wire === 'http' ? new StreamableHTTPClientTransport(await overHttp()) : overStdio())
    stops.push(() => client.close())
    expect(client.getProtocolEra()).toBe(era)

    const first = await client.listTools()
    expect(first.tools[1]).toMatchObject({ name: 'works' })
    expect((await client.listPrompts()).prompts).toHaveLength(1)
    expect((await client.listResources()).resources).toHaveLength(1)
    expect((await client.listResourceTemplates()).resourceTemplates).toEqual([])

    const called = await client.callTool({ name: 'echo', arguments: { a: 1 } })
    expect(called).toMatchObject({ content: [{ type: 'text', text: 'hi' }] })
    const progress: unknown[] = []
    await client.callTool({ name: 'works' }, { onprogress: (it) => progress.push(it) })
    expect(progress).toEqual([{ progress: 1, total: 2 }])
    expect(await client.getPrompt({ name: 'hello' })).toMatchObject({ messages: [{ role: 'user' }] })
    expect(await client.readResource({ uri: 'memo://a' })).toMatchObject({ contents: [{ text: 'A' }] })
    await expect(client.callTool({ name: 'nope' })).rejects.toThrow("tool 'nope' not found")
    await expect(client.readResource({ uri: 'memo://b' })).rejects.toThrow('not found')
  })

  it('hears of changes, modern, over HTTP and stdio', async () => {
    for (const transport of [new StreamableHTTPClientTransport(await overHttp()), overStdio()]) {
      const client = v2({ pin: '2026-07-28' })
      await client.connect(transport)
      let told = 0
      client.setNotificationHandler('notifications/tools/list_changed', () => {
        told++
      })
      const subscription = await client.listen({ toolsListChanged: true })
      gateway.changed('tools')
      await expect.poll(() => told).toBe(1)
      await subscription.close()
      await client.close()
    }
  })
})

describe('SDK v1', () => {
  it('lists every page, calls, is asked, hears of changes and ends its session, over HTTP', async () => {
    const client = new ClientV1(INFO, { capabilities: { elicitation: {} } })
    const transport = new HttpV1(await overHttp())
    let told = 0
    client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
      told++
    })
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept' as const, content: {} }))
    await client.connect(transport as Parameters<typeof client.connect>[0])
    stops.push(() => client.close())

    const names = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await client.listTools(cursor === undefined ? {} : { cursor })
      expect(page.tools.length).toBeLessThanOrEqual(1000)
      for (const tool of page.tools) names.add(tool.name)
      cursor = page.nextCursor
    } while (cursor !== undefined)
    expect(names.size).toBe(1203)

    const asked = await client.callTool({ name: 'asks' })
    expect(asked).toMatchObject({ content: [{ text: '{"action":"accept","content":{}}' }] })
    // The client opens its stream on its own time.
    await expect
      .poll(() => {
        gateway.changed('tools')
        return told
      })
      .toBeGreaterThan(0)
    await transport.terminateSession()
    await expect(client.ping()).rejects.toThrow('Mcp-Session-Id')
  })

  it('works over stdio', async () => {
    const client = new ClientV1(INFO)
    await client.connect(overStdio() as unknown as Parameters<typeof client.connect>[0])
    stops.push(() => client.close())
    expect((await client.listTools()).tools).toHaveLength(1000)
    expect(await client.callTool({ name: 'echo' })).toMatchObject({ content: [{ text: 'hi' }] })
    const signal = AbortSignal.timeout(20)
    gateway.tool('slow', () => new Promise(() => {}))
    await expect(client.callTool({ name: 'slow' }, undefined, { signal })).rejects.toThrow()
    expect(await client.ping()).toEqual({})
  })
})
