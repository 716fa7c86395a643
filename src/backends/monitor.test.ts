import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import { DEFAULT_RESILIENCE, type Resilience } from '../core/config.ts'
import type { Backend } from '../core/ports.ts'
import {
  exchange,
  handMade,
  httpConfig,
  type JsonRpc,
  legacyBasics,
  legacyCaller,
  Stage,
  stdioConfig,
  textOf,
  toolCall,
  until,
} from './testing.ts'

const stage = closedAfterEach(new Stage())

const QUICK: Resilience = {
  ...DEFAULT_RESILIENCE,
  health: { intervalMs: 60, timeoutMs: 50, threshold: 3 },
}

type Answer = (message: JsonRpc, res: ServerResponse, req: IncomingMessage) => unknown

const FACTS = { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } }

const legacy: Answer = (message, res) =>
  message.method === 'ping' ? { result: {} } : legacyBasics(message, res)

const modern: Answer = (message) => {
  if (message.method === 'server/discover') return { result: { resultType: 'complete', ...FACTS } }
  const tools = [{ name: 'echo', inputSchema: { type: 'object' } }]
  return message.method === 'tools/list'
    ? { result: { resultType: 'complete', tools } }
    : { error: { code: -32601, message: 'Method not found' } }
}

/** A server whose answers can be changed, and the methods it was asked. */
class Changing {
  answer: Answer
  readonly asked: string[] = []
  readonly headers: IncomingMessage['headers'][] = []

  constructor(answer: Answer) {
    this.answer = answer
  }

  readonly listener = handMade((message, req, res) => {
    this.asked.push(message.method)
    this.headers.push(req.headers)
    return this.answer(message, res, req)
  })

  count(method: string): number {
    return this.asked.filter((it) => it === method).length
  }
}

async function watched(answer: Answer, over: Parameters<typeof httpConfig>[1] = {}) {
  const server = new Changing(answer)
  const url = await stage.serve(server.listener)
  const backend = await stage.backend(httpConfig(url, { resilience: QUICK, ...over }))
  return { server, backend }
}

const isNow = (backend: Backend, status: string) =>
  until(
    () => backend.health.status === status,
    () => `${status}, is ${JSON.stringify(backend.health)}`,
  )

describe('a check', () => {
  it('is a ping over the connection that stands, and never a second handshake', async () => {
    const { server, backend } = await watched(legacy, { era: 'legacy' })
    await until(() => server.count('ping') >= 3)
    expect(server.count('initialize')).toBe(1)
    expect(server.count('tools/list')).toBe(1)
    expect(backend.health).toMatchObject({ status: 'healthy', failures: 0, error: undefined })
  })

  it('of a modern server is server/discover', async () => {
    const { server, backend } = await watched(modern)
    await until(() => server.count('server/discover') >= 3)
    expect(new Set(server.asked)).toEqual(new Set(['server/discover', 'tools/list']))
    expect(backend.health.status).toBe('healthy')
  })

  it('of a child goes through its pipe', async () => {
    const backend = await stage.backend(stdioConfig('legacy', [], { resilience: QUICK }))
    const before = backend.health.checkedAt as number
    await until(() => (backend.health.checkedAt as number) > before)
    expect(backend.health.status).toBe('healthy')
  })

  it('is passed by a server that does not know ping', async () => {
    const { server, backend } = await watched(legacyBasics as Answer, { era: 'legacy' })
    await until(() => server.count('ping') >= 4)
    expect(backend.health.status).toBe('healthy')
    expect(server.count('initialize')).toBe(1)
  })

  it('is passed by a server that refuses such requests, which is connected anew once to be sure', async () => {
    const refusing: Answer = (message, res) =>
      message.method === 'ping' ? void res.writeHead(400).end('no') : legacyBasics(message, res)
    const { server, backend } = await watched(refusing, { era: 'legacy' })
    await until(() => server.count('ping') >= 4)
    await isNow(backend, 'healthy')
    expect(server.count('initialize')).toBe(2)
  })

  it('uses no headers of a client', async () => {
    const { server, backend } = await watched(legacy, { era: 'legacy', connection: 'shared' })
    const caller = legacyCaller({ headers: { 'x-secret': 'of the user' } })
    await backend.run({ caller, ...toolCall('echo') }, exchange())
    expect(server.headers.some((it) => it['x-secret'] !== undefined)).toBe(true)
    const from = server.asked.length
    await until(() => server.asked.slice(from).filter((it) => it === 'ping').length >= 2)
    const pings = server.headers.filter((_, i) => server.asked[i] === 'ping')
    expect(pings.every((it) => it['x-secret'] === undefined)).toBe(true)
  })

  it('that fails makes it unknown, then unhealthy, with the reason; a good one degraded, then healthy', async () => {
    const { server, backend } = await watched(legacy, { era: 'legacy' })
    const seen: string[] = []
    const look = () => {
      const { status } = backend.health
      if (status !== seen.at(-1)) seen.push(status)
    }
    const watch = setInterval(look, 2)
    server.answer = (message, res) =>
      message.method === 'ping' ? void res.writeHead(500).end() : legacyBasics(message, res)
    await isNow(backend, 'unhealthy')
    expect(backend.health.error?.message).toMatch(/^backend 'b': answered 500/)
    server.answer = legacy
    await isNow(backend, 'healthy')
    clearInterval(watch)
    look()
    expect(seen.slice(-4)).toEqual(['unknown', 'unhealthy', 'degraded', 'healthy'])
    expect(server.count('initialize')).toBe(1)
  })

  it('that is not answered at all, time after time, ends the connection, and another is made', async () => {
    const { server, backend } = await watched(legacy, { era: 'legacy' })
    server.answer = (message, res) => (message.method === 'ping' ? undefined : legacyBasics(message, res))
    await until(() => server.count('initialize') === 2)
    expect(JSON.stringify(stage.log.lines)).toContain('did not answer a health check within 50 ms')
    server.answer = legacy
    await isNow(backend, 'healthy')
  })

  it('leaves a server alone that is busy with a call', async () => {
    const held: (() => void)[] = []
    const busy: Answer = (message, res) => {
      if (message.method === 'ping') return undefined
      if (message.method !== 'tools/call') return legacyBasics(message, res)
      held.push(() => res.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { content: [] } })))
      res.writeHead(200, { 'content-type': 'application/json' })
      return undefined
    }
    const { server, backend } = await watched(busy, { era: 'legacy', connection: 'shared' })
    const calling = backend.run({ caller: legacyCaller(), ...toolCall('echo') }, exchange())
    await until(() => held.length === 1)
    await isNow(backend, 'unhealthy')
    await until(() => server.count('ping') >= 6)
    expect(server.count('initialize')).toBe(1)
    held[0]?.()
    expect((await calling).type).toBe('complete')
  })

  it('finds out that an idle server is one of the other era now', async () => {
    const { server, backend } = await watched(modern)
    server.answer = (message, res) =>
      message.method === 'server/discover' ? void res.writeHead(400).end() : legacy(message, res, {} as never)
    await until(() => backend.state.status === 'ready' && backend.state.server.era === 'legacy')
    server.answer = (message, res, req) =>
      ['server/discover', 'tools/list'].includes(message.method) && req.headers['mcp-method'] !== undefined
        ? modern(message, res, req)
        : void res.writeHead(400).end()
    await until(() => backend.state.status === 'ready' && backend.state.server.era === 'modern')
    await isNow(backend, 'healthy')
  })

  it('that is refused for want of credentials says so', async () => {
    const { server, backend } = await watched(legacy, { era: 'legacy' })
    server.answer = (message, res) =>
      message.method === 'ping' ? void res.writeHead(401).end() : legacyBasics(message, res)
    await isNow(backend, 'unauthenticated')
  })

  it('that is refused in spite of the credentials that are configured, is answered all the same', async () => {
    const auth = { type: 'header_injection', headerName: 'authorization', headerValue: 'Bearer x' } as const
    const { server, backend } = await watched(legacy, { era: 'legacy', auth })
    server.answer = (message, res) =>
      message.method === 'ping' ? void res.writeHead(403).end() : legacyBasics(message, res)
    const from = server.count('ping')
    await until(() => server.count('ping') >= from + 4)
    expect(backend.health.status).toBe('healthy')
  })
})

describe('a server that cannot be connected', () => {
  it('fails its checks, and is tried at each of them', async () => {
    const config = httpConfig('http://127.0.0.1:9/mcp', { resilience: QUICK })
    const backend = stage.backends([config]).all[0] as Backend
    await isNow(backend, 'unhealthy')
    const { failures } = backend.health
    await until(() => backend.health.failures >= failures + 3)
    expect(backend.health.error).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('refused'),
    })
    expect(backend.health.error?.message).not.toContain('127.0.0.1')
  })
})

describe('a breaker', () => {
  const BROKEN: Resilience = { ...QUICK, breaker: { threshold: 2, openMs: 300 } }

  it('is opened by checks alone, is not checked while it is open, and closed by a check', async () => {
    const { server, backend } = await watched(legacy, { era: 'legacy', resilience: BROKEN })
    server.answer = (message, res) =>
      message.method === 'ping' ? void res.writeHead(500).end() : legacyBasics(message, res)
    await until(() => backend.health.breaker?.status === 'open')
    const pings = server.count('ping')
    await expect(
      backend.run({ caller: legacyCaller(), ...toolCall('echo') }, exchange()),
    ).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^backend 'b' is not called for now.*answered 500/),
      data: { backend: 'b', reason: 'circuit_open', retryAfterSeconds: 1 },
    })
    expect(server.count('tools/call')).toBe(0)
    server.answer = legacy
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(server.count('ping')).toBe(pings)
    expect(backend.health.breaker?.status).toBe('open')
    await until(() => backend.health.breaker?.status === 'closed')
    const said = stage.log.lines.map(({ message }) => message).filter((it) => it.startsWith('breaker'))
    expect(said).toEqual(['breaker opened', 'breaker half open', 'breaker closed'])
  })

  it('lets exactly one of many calls through when it is half open', async () => {
    const resilience = { ...BROKEN, health: undefined }
    const { server, backend } = await watched(legacy, { era: 'legacy', resilience, connection: 'shared' })
    const call = () => backend.run({ caller: legacyCaller(), ...toolCall('echo') }, exchange())
    server.answer = (message, res) =>
      message.method === 'tools/call' ? void res.writeHead(502).end() : legacyBasics(message, res)
    for (let i = 0; i < 2; i++) await call().catch(() => {})
    expect(backend.health.breaker?.status).toBe('open')
    await until(() => backend.health.breaker?.status === 'half_open')
    const before = server.count('tools/call')
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, call))
    expect(server.count('tools/call')).toBe(before + 1)
    expect(
      outcomes.filter((it) => it.status === 'rejected' && it.reason.data?.reason === 'circuit_open'),
    ).toHaveLength(19)
    expect(backend.health.breaker).toMatchObject({ status: 'open', opened: 2 })
  })

  it.each([
    [
      'an error of JSON-RPC',
      (res: ServerResponse, id: unknown) => res.end(rpc(id, { error: { code: -32602, message: 'no' } })),
    ],
    ['a 400', (res: ServerResponse) => res.writeHead(400).end()],
    ['a limit of the rate', (res: ServerResponse) => res.writeHead(429).end()],
    ['missing credentials', (res: ServerResponse) => res.writeHead(401).end()],
    [
      'an error of the tool',
      (res: ServerResponse, id: unknown) => res.end(rpc(id, { result: { content: [], isError: true } })),
    ],
  ])('is not opened by %s', async (_, reply) => {
    const resilience = { ...DEFAULT_RESILIENCE, breaker: { threshold: 1, openMs: 60_000 } }
    const answer: Answer = (message, res) =>
      message.method === 'tools/call' ? void reply(res, message.id) : legacy(message, res, {} as never)
    const { backend } = await watched(answer, { era: 'legacy', resilience, connection: 'shared' })
    for (let i = 0; i < 3; i++)
      await backend.run({ caller: legacyCaller(), ...toolCall('echo') }, exchange()).catch(() => {})
    expect(backend.health.breaker).toMatchObject({ status: 'closed', opened: 0 })
  })

  it('is not opened by clients that cancel', async () => {
    const resilience = { ...DEFAULT_RESILIENCE, breaker: { threshold: 1, openMs: 60_000 } }
    const answer: Answer = (message, res) =>
      message.method === 'tools/call' ? undefined : legacy(message, res, {} as never)
    const { server, backend } = await watched(answer, { era: 'legacy', resilience, connection: 'shared' })
    const cancel = new AbortController()
    const calling = backend.run(
      { caller: legacyCaller(), ...toolCall('echo') },
      exchange({ signal: cancel.signal }),
    )
    calling.catch(() => {})
    await until(() => server.count('tools/call') === 1)
    cancel.abort()
    await expect(calling).rejects.toMatchObject({ code: 'cancelled' })
    expect(backend.health.breaker).toMatchObject({ status: 'closed', opened: 0 })
  })
})

function rpc(id: unknown, body: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, ...body })
}

it('a server that is healthy is called', async () => {
  const { backend } = await watched(legacy, { era: 'legacy' })
  expect(
    textOf((await backend.run({ caller: legacyCaller(), ...toolCall('echo') }, exchange())).body),
  ).toContain('echo')
})
