import { beforeAll, describe, expect, test } from 'vitest'
import { ask, eventually, toolNames } from '../fixtures/ask.ts'
import { LegacyClient, MODERN, ModernClient, RawClient } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import { type Child, type Server, Stage, serverCommand } from '../fixtures/stage.ts'

const stage = closedAfterAll(new Stage())
let backend: Server
let gateway: Child
let raw: RawClient
beforeAll(async () => {
  backend = await stage.hosted('github', { era: 'both' })
  gateway = await stage.gateway({ config: config([{ name: 'github', url: backend.ready }]) })
  raw = new RawClient(gateway.ready)
  stage.defer(() => raw.close())
  await eventually(async () => expect(await toolNames(gateway.ready)).toHaveLength(2))
})
const get = (path: string) => raw.send({ method: 'GET', path })

describe('for operators', () => {
  test.each(['/health', '/ping'])('%s says ok', async (path) => {
    const reply = await get(path)
    expect(reply.status).toBe(200)
    expect(JSON.parse(reply.text)).toEqual({ status: 'ok' })
  })

  test('/readyz says ready', async () => {
    expect(JSON.parse((await get('/readyz')).text)).toEqual({ status: 'ready', mode: 'static' })
  })

  test('/status tells of each backend, and no URL', async () => {
    const reply = await get('/status')
    const status = JSON.parse(reply.text)
    expect(status).toMatchObject({ healthy: true, group_ref: 'test' })
    expect(status.backends[0]).toMatchObject({
      name: 'github',
      health: 'healthy',
      transport: 'streamable-http',
      auth_type: 'unauthenticated',
    })
    expect(status.version).toBeTruthy()
    expect(reply.text).not.toContain('http://')
    expect(reply.text).not.toContain(new URL(backend.ready).port)
    expect(reply.headers['x-content-type-options']).toBe('nosniff')
    expect(reply.headers['cache-control']).toBe('no-store')
  })

  test('/status can be read only', async () => {
    expect((await raw.send({ method: 'POST', path: '/status', body: '{}' })).status).toBe(405)
    expect((await raw.send({ method: 'HEAD', path: '/status' })).status).toBe(200)
  })

  test('anything else is not found', async () => {
    expect((await get('/nothing')).status).toBe(404)
  })
})

describe('/mcp refuses', () => {
  test('a body of nine megabytes', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: { pad: 'x'.repeat(9e6) } })
    const reply = await raw.send({ body, headers: { accept: 'application/json, text/event-stream' } })
    expect(reply.status).toBe(413)
  })

  test('a GET that does not accept an event stream', async () => {
    const reply = await raw.send({ method: 'GET', headers: { accept: 'application/json' } })
    expect(reply.status).toBe(406)
    expect(reply.message.error?.code).toBe(-32600)
  })

  test('a batch in the modern era', async () => {
    const client = new ModernClient(gateway.ready)
    stage.defer(() => client.close())
    const one = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: client.meta() } }
    const reply = await raw.post([one, { ...one, id: 2 }], { 'mcp-protocol-version': MODERN })
    expect(reply.status).toBe(400)
    expect(reply.message.error?.code).toBe(-32600)
  })

  test.each([
    ['origin', { origin: 'https://evil.example' }],
    ['host', { host: 'evil.example' }],
  ])('a foreign %s', async (_what, headers) => {
    const reply = await raw.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, headers)
    expect(reply.status).toBe(403)
  })

  test('what is not JSON', async () => {
    const reply = await raw.send({
      body: '{"jsonrpc"',
      headers: { accept: 'application/json, text/event-stream' },
    })
    expect(reply.status).toBe(400)
    expect(reply.message.error?.code).toBe(-32700)
  })

  test('an unknown method of the modern era, with 404', async () => {
    const reply = await ask(gateway.ready, 'acme/unknown')
    expect(reply.status).toBe(404)
    expect(reply.message.error?.code).toBe(-32601)
  })

  test('a modern version that it does not speak, naming those that it does', async () => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2099-01-01',
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const reply = await raw.post(
      { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } },
      { 'mcp-protocol-version': '2099-01-01', 'mcp-method': 'tools/list' },
    )
    expect(reply.status).toBe(400)
    expect(reply.message.error).toMatchObject({ code: -32022, data: { requested: '2099-01-01' } })
  })

  test('a name in the header that is not the one in the body', async () => {
    const client = new ModernClient(gateway.ready)
    stage.defer(() => client.close())
    const params = { name: 'github_list_repos', arguments: {} }
    const reply = await client.request('tools/call', params, { 'mcp-name': 'other' })
    expect(reply.status).toBe(400)
    expect(reply.message.error?.code).toBe(-32020)
  })
})

describe('versions', () => {
  test.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])(
    '%s is spoken as asked',
    async (version) => {
      const client = await LegacyClient.open(gateway.ready, { version })
      stage.defer(() => client.close())
      expect(client.initialized.protocolVersion).toBe(version)
      expect((await client.result('tools/list')).tools).toHaveLength(2)
    },
  )

  test('a handshake that asks for the modern one gets the last legacy one', async () => {
    const client = await LegacyClient.open(gateway.ready, { version: '2026-07-28' })
    stage.defer(() => client.close())
    expect(client.initialized.protocolVersion).toBe('2025-11-25')
  })

  test('discovery lists those really spoken', async () => {
    const { message } = await ask(gateway.ready, 'server/discover')
    expect(message.result?.supportedVersions).toContain('2026-07-28')
  })
})

describe('the end', () => {
  test('comes at once when nothing is in flight, and takes the children along', async () => {
    const { command, args } = serverCommand('wire:echo', { id: 's' })
    const own = await stage.gateway({ config: config([{ name: 's', transport: 'stdio', command, args }]) })
    await eventually(async () => expect(await toolNames(own.ready)).toEqual(['s_echo']))
    const { message } = await ask(own.ready, 'tools/call', { name: 's_echo', arguments: { input: 'x' } })
    const [block] = (message.result?.content ?? []) as { text: string }[]
    const { pid } = JSON.parse(block?.text ?? '{}') as { pid: number }
    const started = performance.now()
    await own.stop('SIGTERM')
    expect(performance.now() - started).toBeLessThan(5000)
    expect(await own.exited).toBe(0)
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow())
  })

  test('waits for a call in flight', async () => {
    const slow = await stage.hosted('slow', { era: 'both' })
    const own = await stage.gateway({ config: config([{ name: 's', url: slow.ready }]) })
    await eventually(async () => expect(await toolNames(own.ready)).toEqual(['s_sleep']))
    const call = ask(own.ready, 'tools/call', { name: 's_sleep', arguments: { seconds: 1.5 } })
    await new Promise((resolve) => setTimeout(resolve, 300))
    const stopped = own.stop('SIGTERM')
    expect((await call).text).toContain('awake')
    await stopped
    expect(await own.exited).toBe(0)
  })
})
