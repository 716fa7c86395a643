import type { RequestListener, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import type { Backend, ReadyState } from '../core/ports.ts'
import { RawObject } from '../core/raw.ts'
import {
  exchange,
  handMade,
  httpConfig,
  type JsonRpc,
  legacyBasics,
  modernCaller,
  ready,
  Stage,
  sendJson,
  until,
} from './testing.ts'

const stage = closedAfterEach(new Stage())

type Page = Record<string, unknown>

interface Served {
  readonly capabilities?: object
  readonly relistMs?: number
  /** The answer to `tools/list`; `undefined` is an error. */
  readonly page: (params: Page) => Page | undefined
}

/** A modern server of which a test says how it lists. It is told how often it was asked. */
async function modern({ capabilities = { tools: {} }, relistMs = 20, page }: Served) {
  const counted = { lists: 0 }
  const answer = ({ id, method, params = {} }: JsonRpc, res: ServerResponse) => {
    if (method === 'server/discover')
      return { result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities } }
    if (method !== 'tools/list') {
      sendJson(res, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } }, 404)
      return undefined
    }
    counted.lists++
    const result = page(params)
    return result === undefined
      ? { error: { code: -32603, message: 'broken' } }
      : { result: { resultType: 'complete', ...result } }
  }
  const url = await stage.serve(handMade((message, _, res) => answer(message, res)))
  const backend = await stage.backend(httpConfig(url), { limits: { relistMs } })
  return { backend, counted }
}

const tool = (name: string) => ({ name, inputSchema: { type: 'object' } })
const now = (backend: Backend) => backend.state as ReadyState
const names = (backend: Backend) => now(backend).offer.tools.map((it) => it['name'])
const left = (backend: Backend) => (now(backend).freshness.tools?.until ?? 0) - performance.now()

describe('a modern server', () => {
  it('says how long its list is fresh and for whom; of lists that it has not, nothing is said', async () => {
    const { backend } = await modern({ page: () => ({ tools: [], ttlMs: 60_000, cacheScope: 'public' }) })
    expect(now(backend).freshness).toEqual({ tools: { until: expect.any(Number), scope: 'public' } })
    expect(left(backend)).toBeGreaterThan(0)
    expect(left(backend)).toBeLessThanOrEqual(60_000)
  })

  it('has a list as fresh as its shortest page, and private with one that is', async () => {
    const pages: Record<string, Page> = {
      start: { tools: [tool('a')], nextCursor: '2', ttlMs: 600_000, cacheScope: 'public' },
      '2': { tools: [tool('b')], nextCursor: '3', ttlMs: 60_000, cacheScope: 'private' },
      '3': { tools: [tool('c')], ttlMs: 600_000, cacheScope: 'public' },
    }
    const { backend } = await modern({ page: ({ cursor }) => pages[String(cursor ?? 'start')] })
    expect(names(backend)).toEqual(['a', 'b', 'c'])
    expect(left(backend)).toBeLessThanOrEqual(60_000)
    expect(left(backend)).toBeGreaterThan(0)
    expect(now(backend).freshness.tools?.scope).toBe('private')
  })

  it.each([[{}], [{ ttlMs: -5 }], [{ ttlMs: '60000' }], [{ ttlMs: 1.5 }], [{ ttlMs: 1e300 }]])(
    'that says %j has a list that is never fresh',
    async (hints) => {
      const { backend } = await modern({ page: () => ({ tools: [], cacheScope: 'Public', ...hints }) })
      expect(now(backend).freshness.tools?.scope).toBe('private')
      expect(left(backend)).toBeLessThanOrEqual(0)
    },
  )

  it('is believed for a day at most', async () => {
    const { backend } = await modern({ page: () => ({ tools: [], ttlMs: Number.MAX_SAFE_INTEGER }) })
    expect(left(backend)).toBeLessThanOrEqual(24 * 60 * 60_000)
  })

  it('is listed again when its list is fresh no more, and changes arrive without being announced', async () => {
    let name = 'old'
    const { backend } = await modern({ page: () => ({ tools: [tool(name)], ttlMs: 60 }) })
    const { offer } = now(backend)
    const until0 = now(backend).freshness.tools?.until ?? 0
    await until(() => (now(backend).freshness.tools?.until ?? 0) > until0)
    expect(now(backend).offer).toBe(offer)
    name = 'new'
    await until(() => names(backend)[0] === 'new')
  })

  it('is not asked more often than is decent, however short its list is fresh', async () => {
    const { counted } = await modern({ relistMs: 60_000, page: () => ({ tools: [], ttlMs: 1 }) })
    await sleep(200)
    expect(counted.lists).toBe(1)
  })

  it('is left alone where it does not say how long its list is fresh', async () => {
    const { counted } = await modern({ relistMs: 1, page: () => ({ tools: [], ttlMs: 0 }) })
    await sleep(200)
    expect(counted.lists).toBe(1)
  })

  it('that fails to list again keeps its last list, and is not asked again at once', async () => {
    let fails = false
    const { backend, counted } = await modern({
      page: () => (fails ? undefined : { tools: [tool('a')], ttlMs: 60 }),
    })
    fails = true
    const warned = () => stage.log.lines.some(({ message }) => message === 'cannot list it again')
    await until(warned)
    const { lists } = counted
    await sleep(200)
    expect(counted.lists).toBe(lists)
    expect(names(backend)).toEqual(['a'])
    expect(left(backend)).toBeLessThanOrEqual(0)
  })
})

describe('a modern server that announces changes', () => {
  /** On the SDK, with the hints of its own option. */
  async function announcing() {
    const seen = { tools: ['a'] }
    const handler = createMcpHandler(
      () => {
        const server = new McpServer(
          { name: 'announcing', version: '1' },
          {
            capabilities: { tools: { listChanged: true } },
            cacheHints: { 'tools/list': { ttlMs: 3_600_000, cacheScope: 'public' } },
          },
        )
        for (const name of seen.tools) server.registerTool(name, {}, () => ({ content: [] }))
        return server
      },
      { legacy: 'reject' },
    )
    const url = await stage.serve(toNodeHandler(handler) as RequestListener)
    return { seen, handler, backend: await stage.backend(httpConfig(url)) }
  }

  it('is listed again at once, long before its list expires, and is not fresh until then', async () => {
    const { seen, handler, backend } = await announcing()
    expect(left(backend)).toBeGreaterThan(1_800_000)
    seen.tools.push('b')
    const states: { names: unknown[]; left: number }[] = []
    await until(() => {
      states.push({ names: names(backend), left: left(backend) })
      if (names(backend).length === 2) return true
      // Again and again, since the stream may not be open yet.
      handler.notify.toolsChanged()
      return false
    })
    await until(() => left(backend) > 1_800_000)
    expect(states.some((it) => it.names.length === 1 && it.left <= 0)).toBe(true)
    expect(now(backend).freshness.tools?.scope).toBe('public')
  })
})

describe('a legacy server', () => {
  it('cannot say how long its list is fresh, nor how what is read may be cached', async () => {
    const hints = { ttlMs: 60_000, cacheScope: 'public' }
    const answer = (message: JsonRpc, res: ServerResponse) => {
      if (message.method === 'tools/list') return { result: { tools: [], ...hints } }
      if (message.method === 'resources/read') return { result: { contents: [], ...hints } }
      return legacyBasics(message, res)
    }
    const url = await stage.serve(handMade((message, _, res) => answer(message, res)))
    const backend = await stage.backend(httpConfig(url))
    expect((await ready(backend)).freshness).toEqual({ tools: { until: 0, scope: 'private' } })
    const origin = { backend: 'b', name: 'r:1' }
    const item = { kind: 'resource', uri: 'r:1', origin, definition: {}, hidden: false } as const
    const params = RawObject.of({ uri: 'r:1' })
    const call = { kind: 'resource', uri: 'r:1', params } as const
    const { body } = await backend.run({ caller: modernCaller(), call, item }, exchange())
    expect(body.parse()).toEqual({ contents: [] })
  })
})
