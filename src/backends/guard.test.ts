import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import type { Call } from '../core/call.ts'
import type { Item } from '../core/catalog.ts'
import { DEFAULT_RESILIENCE, type Resilience } from '../core/config.ts'
import type { Backend, BackendRequest } from '../core/ports.ts'
import { RawObject } from '../core/raw.ts'
import {
  exchange,
  handMade,
  httpConfig,
  type JsonRpc,
  legacyBasics,
  legacyCaller,
  modernCaller,
  Stage,
  textOf,
  toolCall,
  until,
} from './testing.ts'

const stage = closedAfterEach(new Stage())

type OnCall = (message: JsonRpc, res: ServerResponse) => unknown

/** A legacy backend that answers calls so. */
async function backendOf(onCall: OnCall, over: Parameters<typeof httpConfig>[1] = {}): Promise<Backend> {
  const listener = handMade((message, _, res) =>
    message.method === 'tools/call' ? onCall(message, res) : legacyBasics(message, res),
  )
  const url = await stage.serve(listener)
  return stage.backend(httpConfig(url, { era: 'legacy', connection: 'shared', ...over }))
}

const FINE = { result: { content: [{ type: 'text', text: 'fine' }] } }
const plain = () => toolCall('echo')
const withHints = (annotations: object): Pick<BackendRequest, 'call' | 'item'> => {
  const { call, item } = toolCall('echo')
  return { call, item: { ...item, definition: { annotations } } }
}
const run = (backend: Backend, what = plain(), over = {}) =>
  backend.run({ caller: legacyCaller(), ...what }, exchange(over))

describe('calls beyond the bound', () => {
  const bulkhead = (concurrent: number, queued: number): Resilience => ({
    ...DEFAULT_RESILIENCE,
    bulkhead: { concurrent, queued },
  })

  /** Answers when it is told to. */
  async function holding(resilience: Resilience, timeoutMs = 5_000) {
    const held: (() => void)[] = []
    const backend = await backendOf(
      (message, res) => {
        held.push(() => res.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...FINE })))
        res.writeHead(200, { 'content-type': 'application/json' })
      },
      { resilience, timeoutMs },
    )
    return { backend, held }
  }

  it('wait for a place, and beyond the queue are refused at once, with a time to come back', async () => {
    const { backend, held } = await holding(bulkhead(2, 1))
    const calls = [run(backend), run(backend), run(backend)]
    await until(() => held.length === 2)
    expect([backend.running, backend.queued]).toEqual([2, 1])
    const began = performance.now()
    await expect(run(backend)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining("backend 'b' is at its limit of calls"),
      data: { backend: 'b', reason: 'overloaded', retryAfterSeconds: 1 },
    })
    expect(performance.now() - began).toBeLessThan(100)
    held[0]?.()
    await until(() => held.length === 3)
    for (const answer of held) answer()
    for (const call of calls) expect(textOf((await call).body)).toBe('fine')
    expect([backend.running, backend.queued]).toEqual([0, 0])
  })

  it('wait no longer than a call may take, and leave when they are cancelled', async () => {
    const { backend, held } = await holding(bulkhead(1, 5), 400)
    const first = run(backend)
    first.catch(() => {})
    await until(() => held.length === 1)
    const cancel = new AbortController()
    const cancelled = run(backend, plain(), { signal: cancel.signal })
    cancelled.catch(() => {})
    cancel.abort()
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    expect(backend.queued).toBe(0)
    await expect(first).rejects.toMatchObject({ code: 'timeout' })
    const next = run(backend)
    await until(() => held.length === 2)
    held[1]?.()
    expect(textOf((await next).body)).toBe('fine')
  })
})

describe('a call that failed', () => {
  const retrying = (over: Partial<NonNullable<Resilience['retry']>> = {}): Resilience => ({
    ...DEFAULT_RESILIENCE,
    retry: { attempts: 3, delayMs: 5, maxDelayMs: 20, budget: 0.2, ...over },
  })

  /** Fails so many times by a 503, then answers. */
  async function failing(times: number, resilience: Resilience) {
    let calls = 0
    const backend = await backendOf((_, res) => (++calls <= times ? void res.writeHead(503).end() : FINE), {
      resilience,
    })
    return { backend, calls: () => calls }
  }

  it.each([{ readOnlyHint: true }, { idempotentHint: true }])(
    'is made again where the tool says that it does no harm: %j',
    async (hints) => {
      const { backend, calls } = await failing(2, retrying())
      expect(textOf((await run(backend, withHints(hints))).body)).toBe('fine')
      expect(calls()).toBe(3)
    },
  )

  it('is not made again where it may have run and the tool says nothing', async () => {
    const { backend, calls } = await failing(1, retrying())
    await expect(run(backend)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(run(backend, withHints({ readOnlyHint: false }))).resolves.toBeDefined()
    expect(calls()).toBe(2)
  })

  it('is not made again where retries are not configured', async () => {
    const { backend, calls } = await failing(1, DEFAULT_RESILIENCE)
    await expect(run(backend, withHints({ readOnlyHint: true }))).rejects.toThrow('answered 503')
    expect(calls()).toBe(1)
  })

  it('is given up after so many attempts', async () => {
    const { backend, calls } = await failing(99, retrying({ attempts: 2 }))
    await expect(run(backend, withHints({ readOnlyHint: true }))).rejects.toThrow('answered 503')
    expect(calls()).toBe(2)
  })

  it('is not made again once the budget is spent', async () => {
    const { backend, calls } = await failing(999, retrying({ budget: 0.01 }))
    for (let i = 0; i < 20; i++) await run(backend, withHints({ readOnlyHint: true })).catch(() => {})
    expect(calls()).toBeLessThanOrEqual(20 + 10)
  })

  it('is not made again for an answer of the backend, whatever it says', async () => {
    let calls = 0
    const error = { error: { code: -32603, message: 'broken' } }
    const backend = await backendOf(
      () => {
        calls++
        return error
      },
      { resilience: retrying() },
    )
    await expect(run(backend, withHints({ readOnlyHint: true }))).rejects.toMatchObject({ code: 'backend' })
    expect(calls).toBe(1)
  })
})

describe('the time of a call', () => {
  const SILENT: OnCall = () => undefined

  it.each(['legacy', 'modern'] as const)('is all that there is, for a client of the era %s', async (era) => {
    const backend = await backendOf(SILENT, { timeoutMs: 300, connection: 'session' })
    const caller = era === 'legacy' ? legacyCaller() : modernCaller({ capabilities: { elicitation: {} } })
    const began = performance.now()
    await expect(backend.run({ caller, ...plain() }, exchange())).rejects.toMatchObject({ code: 'timeout' })
    expect(performance.now() - began).toBeLessThan(600)
  })

  const uri = 'file:///a'
  const about = (kind: 'prompt' | 'resource', name: string): Item =>
    ({ kind, name, uri: name, origin: { backend: 'b', name }, definition: {}, hidden: false }) as Item
  const method = (name: string): Item => ({
    kind: 'method',
    name,
    origin: { backend: 'b', name },
    definition: {},
    hidden: false,
  })
  const ofTask = { kind: 'task', backend: 'b', taskId: 't', params: RawObject.of({ taskId: 't' }) } as const
  const KINDS: readonly (readonly [string, Call, Item])[] = [
    ['a prompt', { kind: 'prompt', name: 'p', params: RawObject.of({ name: 'p' }) }, about('prompt', 'p')],
    ['a resource', { kind: 'resource', uri, params: RawObject.of({ uri }) }, about('resource', uri)],
    [
      'a completion',
      { kind: 'completion', ref: { type: 'ref/prompt', name: 'p' }, params: RawObject.of({}) },
      about('prompt', 'p'),
    ],
    ['a task', { ...ofTask, method: 'tasks/get' }, method('tasks/get')],
    ['a method', { kind: 'method', method: 'x/y', params: RawObject.of({}) }, method('x/y')],
    ['a subscription', { kind: 'subscription', uri, params: RawObject.of({ uri }) }, about('resource', uri)],
  ]
  const capabilities = { tools: {}, resources: { subscribe: true } }
  const SERVERS = {
    legacy: handMade((message, _, res) => {
      const serverInfo = { name: 'x', version: '1' }
      if (message.method === 'initialize')
        return { result: { protocolVersion: '2025-11-25', capabilities, serverInfo } }
      if (message.id === undefined) return legacyBasics(message, res)
      return message.method === 'resources/subscribe' || !message.method.endsWith('list')
        ? undefined
        : { result: { tools: [], resources: [], resourceTemplates: [] } }
    }),
    modern: handMade((message) => {
      const complete = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities }
      return /discover|list$/.test(message.method)
        ? { result: { ...complete, tools: [], resources: [], resourceTemplates: [] } }
        : undefined
    }),
  }

  describe.each(['legacy', 'modern'] as const)('holds at a silent %s server', (era) => {
    it.each(KINDS)('for %s', async (_, call, item) => {
      const url = await stage.serve(SERVERS[era])
      const backend = await stage.backend(httpConfig(url, { era, timeoutMs: 300, connection: 'shared' }))
      const stop = new AbortController()
      const began = performance.now()
      await expect(
        backend.run({ caller: legacyCaller(), call, item }, exchange({ signal: stop.signal })),
      ).rejects.toMatchObject({ code: 'timeout', message: expect.stringContaining("backend 'b'") })
      expect(performance.now() - began).toBeLessThan(700)
      stop.abort()
    })
  })

  it('includes that of beginning a session for the client', async () => {
    let sessions = 0
    const listener = handMade((message, _, res) => {
      if (message.method === 'initialize' && ++sessions > 1) return undefined
      return legacyBasics(message, res)
    })
    const url = await stage.serve(listener)
    const backend = await stage.backend(httpConfig(url, { era: 'legacy', timeoutMs: 300 }))
    const began = performance.now()
    await expect(run(backend)).rejects.toMatchObject({
      code: 'timeout',
      message: "backend 'b' began no session for this client within 300 ms",
    })
    expect(performance.now() - began).toBeLessThan(600)
  })

  it('is also that of a list', async () => {
    const listener = handMade((message, _, res) =>
      message.method === 'tools/list' ? undefined : legacyBasics(message, res),
    )
    const config = httpConfig(await stage.serve(listener), { era: 'legacy', timeoutMs: 200 })
    const backend = stage.backends([config]).all[0] as Backend
    await until(() => backend.state.status === 'failed')
    const message = "backend 'b' did not answer within 200 ms"
    expect(backend.state).toMatchObject({ error: { code: 'timeout', message } })
  })

  /** Tells of progress every 50 ms, and answers after so many times. */
  const progressing =
    (times: number): OnCall =>
    (message, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      const send = (body: object) => res.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...body })}\n\n`)
      let told = 0
      const timer = setInterval(() => {
        const params = { progressToken: message.id, progress: ++told }
        if (told <= times) send({ method: 'notifications/progress', params })
        else {
          clearInterval(timer)
          send({ id: message.id, ...FINE })
          res.end()
        }
      }, 50)
      res.on('close', () => clearInterval(timer))
    }

  it('begins anew with each progress, where that is configured', async () => {
    const resilience = { ...DEFAULT_RESILIENCE, extendMs: 5_000 }
    const backend = await backendOf(progressing(8), { resilience, timeoutMs: 200 })
    expect(textOf((await run(backend)).body)).toBe('fine')
  })

  it('does not where it is not', async () => {
    const backend = await backendOf(progressing(8), { timeoutMs: 200 })
    await expect(run(backend)).rejects.toMatchObject({ code: 'timeout' })
  })

  it('ends at the bound all the same', async () => {
    const resilience = { ...DEFAULT_RESILIENCE, extendMs: 500 }
    const backend = await backendOf(progressing(999), { resilience, timeoutMs: 200 })
    const began = performance.now()
    await expect(run(backend)).rejects.toMatchObject({ code: 'timeout' })
    const took = performance.now() - began
    expect(took).toBeGreaterThan(400)
    expect(took).toBeLessThan(900)
  })
})
