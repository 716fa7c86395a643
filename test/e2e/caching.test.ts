import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { beforeAll, describe, expect, test } from 'vitest'
import { ask, eventually, toolNames } from '../fixtures/ask.ts'
import { LegacyClient, ModernClient, type RpcMessage } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import type { Json } from '../fixtures/fixture.ts'
import { type Child, type Server, Stage } from '../fixtures/stage.ts'

const stage = closedAfterAll(new Stage())
const HOUR = 3_600_000
const URI = 'fresh://doc'

async function over(backends: Record<string, string>): Promise<Child> {
  const entries = Object.entries(backends).map(([name, url]) => ({ name, url }))
  return stage.gateway({ config: config(entries) })
}

async function result(gateway: Child, method: string, params: Json = {}): Promise<Json> {
  const { message, text } = await ask(gateway.ready, method, params)
  if (message.result === undefined) throw new Error(text)
  return message.result
}

async function hints(gateway: Child, method: string, params: Json = {}) {
  const { ttlMs, cacheScope } = await result(gateway, method, params)
  return { ttl: Number(ttlMs), scope: cacheScope }
}

let fresh: Server
beforeAll(async () => {
  fresh = await stage.hosted('fresh', { era: 'modern' })
})

describe('over one modern server', () => {
  test('what it says of its lists and of what is read is said to modern clients', async () => {
    const gateway = await over({ c: fresh.ready })
    const tools = await hints(gateway, 'tools/list')
    expect(tools.scope).toBe('public')
    expect(tools.ttl).toBeGreaterThanOrEqual(0)
    expect(tools.ttl).toBeLessThanOrEqual(6_000)
    const resources = await hints(gateway, 'resources/list')
    expect(resources.scope).toBe('public')
    expect(resources.ttl).toBeGreaterThan(HOUR / 2)
    expect(resources.ttl).toBeLessThanOrEqual(HOUR)
    expect((await hints(gateway, 'resources/templates/list')).scope).toBe('private')
    expect(await hints(gateway, 'resources/read', { uri: URI })).toEqual({ ttl: 60_000, scope: 'public' })
    expect(await hints(gateway, 'prompts/list')).toEqual({ ttl: 0, scope: 'private' })
    expect(await hints(gateway, 'server/discover')).toEqual({ ttl: 0, scope: 'private' })
  })

  test('nothing of it is said to legacy clients', async () => {
    const gateway = await over({ c: fresh.ready })
    const legacy = await LegacyClient.open(gateway.ready)
    stage.defer(() => legacy.close())
    for (const [method, params] of [
      ['tools/list', {}],
      ['resources/list', {}],
      ['resources/read', { uri: URI }],
    ] as const) {
      const answer = await legacy.result(method, params)
      expect(answer).not.toHaveProperty('ttlMs')
      expect(answer).not.toHaveProperty('cacheScope')
    }
  })

  test('that tells nobody of its changes, they arrive when its list expires; and no change is none', async () => {
    const gateway = await over({ c: fresh.ready })
    const client = new ModernClient(gateway.ready)
    stage.defer(() => client.close())
    const heard: RpcMessage[] = []
    const params = { notifications: { toolsListChanged: true }, _meta: client.meta() }
    const listen = { jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params }
    await client.raw.subscribe(listen, (message) => heard.push(message))
    const changes = () => heard.filter(({ method }) => method?.endsWith('list_changed')).length
    let last = (await hints(gateway, 'tools/list')).ttl
    const before = changes()
    await eventually(async () => {
      const { ttl } = await hints(gateway, 'tools/list')
      const renewed = ttl > last
      last = ttl
      expect(renewed).toBe(true)
    }, 20_000)
    expect(changes()).toBe(before)
    await result(gateway, 'tools/call', { name: 'c_add_tool', arguments: { name: 'added' } })
    await eventually(async () => expect(await toolNames(gateway.ready)).toContain('c_added'), 20_000)
    await eventually(() => expect(changes()).toBe(before + 1))
  }, 60_000)

  test('of many pages, every page is for everybody', async () => {
    const { ready } = await stage.hosted('many', { era: 'modern' })
    const gateway = await over({ many: ready })
    const first = await result(gateway, 'tools/list')
    const second = await hints(gateway, 'tools/list', { cursor: first.nextCursor })
    expect([first.cacheScope, second.scope]).toEqual(['public', 'public'])
    expect(second.ttl).toBeGreaterThan(0)
    expect(second.ttl).toBeLessThanOrEqual(Number(first.ttlMs))
  })

  test('a client of the SDK asks once for what it may keep', async () => {
    const { ready } = await stage.hosted('many', { era: 'modern' })
    const gateway = await over({ many: ready })
    const asked: string[] = []
    const transport = new StreamableHTTPClientTransport(new URL(gateway.ready), {
      fetch: (url, init) => {
        asked.push(String(new Headers(init?.headers).get('mcp-method')))
        return fetch(url, init)
      },
    })
    const client = new Client({ name: 't', version: '1' }, { versionNegotiation: { mode: 'auto' } })
    await client.connect(transport)
    stage.defer(() => client.close())
    const lists = () => asked.filter((method) => method === 'tools/list').length
    expect((await client.listTools()).tools).toHaveLength(1200)
    const once = lists()
    expect((await client.listTools()).tools).toHaveLength(1200)
    expect(lists()).toBe(once)
  })
})

describe('over several servers', () => {
  test('one that is legacy leaves nothing to cache of the lists that it has', async () => {
    const { ready } = await stage.hosted('shared-a', { era: 'legacy' })
    const gateway = await over({ c: fresh.ready, old: ready })
    expect(await toolNames(gateway.ready)).toContain('old_who')
    for (const method of ['tools/list', 'resources/list', 'resources/templates/list'])
      expect(await hints(gateway, method)).toEqual({ ttl: 0, scope: 'private' })
    expect(await hints(gateway, 'resources/read', { uri: 'data://x' })).toEqual({ ttl: 0, scope: 'private' })
  })

  test('one that says nothing leaves nothing to cache of its own lists, and the others as they are', async () => {
    const { ready } = await stage.hosted('github', { era: 'modern' })
    const gateway = await over({ c: fresh.ready, gh: ready })
    expect(await toolNames(gateway.ready)).toContain('gh_list_repos')
    expect(await hints(gateway, 'tools/list')).toEqual({ ttl: 0, scope: 'private' })
    const resources = await hints(gateway, 'resources/list')
    expect(resources.scope).toBe('public')
    expect(resources.ttl).toBeGreaterThan(HOUR / 2)
  })

  test('one that is down leaves nothing to cache for any time', async () => {
    const gateway = await over({ c: fresh.ready, down: 'http://127.0.0.1:9/mcp' })
    expect(await hints(gateway, 'resources/list')).toEqual({ ttl: 0, scope: 'public' })
  })
})
