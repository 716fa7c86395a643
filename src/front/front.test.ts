import { afterEach, describe, expect, it } from 'vitest'
import { argumentsOf, echo, memoryGateway, type Served, serve } from './testing.ts'

let served: Served

afterEach(() => served?.close())

async function start(): Promise<Served> {
  const gateway = memoryGateway()
  gateway.tool('echo', echo)
  served = await serve(gateway)
  return served
}

describe('both eras on one endpoint', () => {
  it('lists and calls for a modern client, without a session', async () => {
    const { modern } = await start()
    const list = await modern('tools/list')
    expect(list.headers.get('mcp-session-id')).toBeNull()
    expect(await list.json()).toMatchObject({
      id: 1,
      result: { tools: [{ name: 'echo' }], resultType: 'complete', ttlMs: 0, cacheScope: 'private' },
    })
    const call = await modern('tools/call', { name: 'echo', arguments: { a: 1 } })
    expect(await call.json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: {
        content: [{ type: 'text', text: 'hi' }],
        got: { a: 1 },
        resultType: 'complete',
        _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'test-front', version: '1.2.3' } },
      },
    })
  })

  it('lists and calls for a legacy client, in a session', async () => {
    const { post, session } = await start()
    const headers = await session()
    const list = await post({ jsonrpc: '2.0', id: 'a', method: 'tools/list' }, headers)
    expect(await list.json()).toEqual({
      jsonrpc: '2.0',
      id: 'a',
      result: { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
    })
    const params = { name: 'echo', arguments: { a: 1 } }
    const call = await post({ jsonrpc: '2.0', id: 2, method: 'tools/call', params }, headers)
    expect(await call.json()).toEqual({
      jsonrpc: '2.0',
      id: 2,
      result: { content: [{ type: 'text', text: 'hi' }], got: { a: 1 } },
    })
  })

  it('relays integers beyond 2^53 and echoes the id byte for byte', async () => {
    const { gateway, post, session } = await start()
    let seen = ''
    gateway.tool('big', (exchange, call, caller) => {
      seen = argumentsOf(call)
      return echo(exchange, call, caller)
    })
    const headers = await session()
    const body =
      '{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/call","params":{"name":"big","arguments":{"n":9007199254740993}}}'
    const reply = await (await post(body, headers)).text()
    expect(seen).toBe('{"n":9007199254740993}')
    expect(reply).toContain('"id":9007199254740993')
    expect(reply).toContain('"got":{"n":9007199254740993}')
  })
})
