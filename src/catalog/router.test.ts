import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { Call } from '../core/call.ts'
import { ANONYMOUS_CALLER } from '../core/caller.ts'
import { type AggregationPolicy, DEFAULT_AGGREGATION } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import { silent } from '../core/log.ts'
import { RawObject } from '../core/raw.ts'
import { visibility } from '../layers/visibility.ts'
import { openRouter, type Router } from './router.ts'
import { exchange, MemoryBackends, tools } from './testing.ts'

const MANUAL: AggregationPolicy = {
  ...DEFAULT_AGGREGATION,
  strategy: { type: 'manual', format: '{workload}_' },
}
const open: Router[] = []
afterEach(() => {
  for (const router of open.splice(0)) router.close()
})

interface Given {
  readonly policy?: AggregationPolicy
  readonly graceMs?: number
  readonly firstMs?: number
}

function route(
  backends: MemoryBackends,
  { policy = DEFAULT_AGGREGATION, graceMs = 5_000, firstMs = 5_000 }: Given = {},
) {
  const router = openRouter({ backends, policy, log: silent, patience: { graceMs, firstMs } })
  open.push(router)
  return router
}

const forever = () => new AbortController().signal
const names = async (router: Router, signal = forever()) =>
  (await router.list(ANONYMOUS_CALLER, signal)).tools.map(({ name }) => name)
const tool = (name: string): Call => ({ kind: 'tool', name, params: RawObject.of({ name }) })
const refusal = (work: Promise<unknown>): Promise<GatewayError> =>
  work.then(
    () => {
      throw new Error('was not refused')
    },
    (error: unknown) => error as GatewayError,
  )

/** Whether it is settled after a little while. */
const isPending = async (work: Promise<unknown>) =>
  Promise.race([
    work.then(
      () => false,
      () => false,
    ),
    sleep(20, true),
  ])

describe('a list', () => {
  test('of no backends is empty', async () => {
    expect(await names(route(new MemoryBackends()))).toEqual([])
  })

  test('waits for all backends that are still being connected', async () => {
    const backends = new MemoryBackends('a', 'b')
    backends.at('a').offers(tools('x'))
    const list = names(route(backends))
    expect(await isPending(list)).toBe(true)
    backends.at('b').offers(tools('x'))
    expect(await list).toEqual(['a_x', 'b_x'])
  })

  test('goes on without a backend that failed', async () => {
    const backends = new MemoryBackends('a', 'b')
    const list = names(route(backends))
    backends.at('a').offers(tools('x'))
    backends.at('b').fails('connection refused')
    expect(await list).toEqual(['a_x'])
  })

  test('waits for slow backends no longer than the grace, and gets them later', async () => {
    const backends = new MemoryBackends('a', 'slow')
    backends.at('a').offers(tools('x'))
    const router = route(backends, { graceMs: 30 })
    expect(await names(router)).toEqual(['a_x'])
    backends.at('slow').offers(tools('x'))
    expect(await names(router)).toEqual(['a_x', 'slow_x'])
  })

  test('waits beyond the grace for the first backend to answer', async () => {
    const backends = new MemoryBackends('a', 'b')
    const list = names(route(backends, { graceMs: 0 }))
    expect(await isPending(list)).toBe(true)
    backends.at('b').offers(tools('x'))
    expect(await list).toEqual(['b_x'])
  })

  test('fails when all backends have failed, and says of each why', async () => {
    const backends = new MemoryBackends('a', 'b')
    const list = refusal(names(route(backends)))
    backends.at('a').fails('connection refused')
    backends.at('b').fails('exited with code 1')
    expect(await list).toMatchObject({
      code: 'unavailable',
      message: "no backend is available: 'a': connection refused; 'b': exited with code 1",
    })
  })

  test('fails when nobody has answered for too long', async () => {
    const backends = new MemoryBackends('a')
    const error = await refusal(names(route(backends, { graceMs: 0, firstMs: 20 })))
    expect(error).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining("'a': has not answered yet"),
    })
  })

  test('keeps what a backend offered last while it cannot be reached', async () => {
    const backends = new MemoryBackends('a')
    const router = route(backends)
    backends.at('a').offers(tools('x'))
    backends.at('a').fails('connection lost')
    expect(await names(router)).toEqual(['a_x'])
  })

  test('ends with its request, and with the gateway', async () => {
    const router = route(new MemoryBackends('a'))
    const controller = new AbortController()
    const cancelled = refusal(names(router, controller.signal))
    controller.abort()
    expect(await cancelled).toMatchObject({ code: 'cancelled' })
    const closed = refusal(names(router))
    router.close()
    expect(await closed).toMatchObject({ code: 'unavailable' })
  })
})

describe('the catalogue', () => {
  test('is the same object until something changes', async () => {
    const backends = new MemoryBackends('a', 'b')
    const router = route(backends)
    backends.at('a').offers({ ...tools('x'), prompts: [{ name: 'p' }] })
    backends.at('b').offers(tools('y'))
    const first = await router.list(ANONYMOUS_CALLER, forever())
    backends.at('a').offers({ ...tools('x'), prompts: [{ name: 'p' }] })
    backends.at('b').fails('connection lost')
    await turn()
    expect(await router.list(ANONYMOUS_CALLER, forever())).toBe(first)
  })

  test('keeps the lists that did not change', async () => {
    const backends = new MemoryBackends('a')
    const router = route(backends)
    backends.at('a').offers({ ...tools('x'), prompts: [{ name: 'p' }] })
    const first = await router.list(ANONYMOUS_CALLER, forever())
    backends.at('a').offers({ ...tools('x', 'y'), prompts: [{ name: 'p' }] })
    const second = await router.list(ANONYMOUS_CALLER, forever())
    expect(second.tools.map(({ name }) => name)).toEqual(['a_x', 'a_y'])
    expect(second.prompts).toBe(first.prompts)
  })

  test('can be looked at without waiting', () => {
    const backends = new MemoryBackends('a', 'b')
    const router = route(backends)
    backends.at('a').offers(tools('x'))
    expect(router.catalog.tools.map(({ name }) => name)).toEqual(['a_x'])
  })
})

describe('a call', () => {
  test('goes to its backend with the item that says its own name', async () => {
    const backends = new MemoryBackends('github', 'jira')
    const router = route(backends)
    backends.at('github').offers(tools('create_issue'))
    backends.at('jira').offers(tools('create_issue'))
    const call = tool('jira_create_issue')
    const resolved = await router.resolve(ANONYMOUS_CALLER, call, forever())
    expect(await resolved.run(exchange())).toBe(backends.at('jira').answer)
    expect(backends.at('github').calls).toEqual([])
    expect(backends.at('jira').calls).toMatchObject([
      { caller: ANONYMOUS_CALLER, call, item: { origin: { backend: 'jira', name: 'create_issue' } } },
    ])
  })

  test('is answered at once when its tool is there, whoever else is still being connected', async () => {
    const backends = new MemoryBackends('a', 'slow')
    backends.at('a').offers(tools('x'))
    await route(backends).resolve(ANONYMOUS_CALLER, tool('a_x'), forever())
  })

  test('waits for its tool while backends are being connected', async () => {
    const backends = new MemoryBackends('a', 'slow')
    backends.at('a').offers(tools('x'))
    const resolved = route(backends).resolve(ANONYMOUS_CALLER, tool('slow_x'), forever())
    expect(await isPending(resolved)).toBe(true)
    backends.at('slow').offers(tools('x'))
    expect((await resolved).item.origin).toEqual({ backend: 'slow', name: 'x' })
  })

  test('of what nobody offers is not found, and no backend hears of it', async () => {
    const backends = new MemoryBackends('a')
    backends.at('a').offers(tools('x'))
    const router = route(backends)
    for (const name of ['x', 'a.x', 'a_y', 'toString']) {
      expect(await refusal(router.resolve(ANONYMOUS_CALLER, tool(name), forever()))).toMatchObject({
        code: 'not_found',
        message: `tool '${name}' not found`,
      })
    }
    expect(backends.at('a').calls).toEqual([])
  })

  test('of a tool that was added or removed is routed anew', async () => {
    const backends = new MemoryBackends('a')
    backends.at('a').offers(tools('x'))
    const router = route(backends)
    backends.at('a').offers(tools('y'))
    await router.resolve(ANONYMOUS_CALLER, tool('a_y'), forever())
    expect(await refusal(router.resolve(ANONYMOUS_CALLER, tool('a_x'), forever()))).toMatchObject({
      code: 'not_found',
    })
  })

  test('of a hidden tool is for workflows: the router resolves it, the layer above does not', async () => {
    const backends = new MemoryBackends('a')
    backends.at('a').offers(tools('x'))
    const router = route(backends, { policy: { ...DEFAULT_AGGREGATION, excludeAllTools: true } })
    const top = visibility(router)
    expect((await router.resolve(ANONYMOUS_CALLER, tool('a_x'), forever())).item.hidden).toBe(true)
    expect((await top.list(ANONYMOUS_CALLER, forever())).tools).toEqual([])
    expect(await refusal(top.resolve(ANONYMOUS_CALLER, tool('a_x'), forever()))).toMatchObject({
      code: 'not_found',
      message: "tool 'a_x' not found",
    })
  })
})

describe('a completion', () => {
  const completion = (name: string): Call => ({
    kind: 'completion',
    ref: { type: 'ref/prompt', name },
    params: RawObject.empty,
  })
  const complete = async (router: Router, name: string) =>
    (await (await router.resolve(ANONYMOUS_CALLER, completion(name), forever())).run(exchange())).body.parse()

  function promptBackend() {
    const backends = new MemoryBackends('a')
    backends.at('a').offers({ prompts: [{ name: 'p' }] })
    return backends
  }

  test('for what nobody offers has no values', async () => {
    const router = route(promptBackend())
    expect(await complete(router, 'unknown')).toEqual({ completion: { values: [] } })
    for (const ref of [{ type: 'ref/resource', uri: 'x://y' } as const, { type: 'other' } as const]) {
      const resolved = await router.resolve(
        ANONYMOUS_CALLER,
        { kind: 'completion', ref, params: RawObject.empty },
        forever(),
      )
      expect((await resolved.run(exchange())).body.parse()).toEqual({ completion: { values: [] } })
    }
  })

  test('of a backend that completes nothing has no values', async () => {
    const backends = promptBackend()
    backends.at('a').answer = GatewayError.backend({ code: -32601, message: 'Method not found' })
    expect(await complete(route(backends), 'a_p')).toEqual({ completion: { values: [] } })
  })

  test('relays answers and all other errors', async () => {
    const backends = promptBackend()
    backends.at('a').answer = { type: 'complete', body: RawObject.of({ completion: { values: ['v'] } }) }
    expect(await complete(route(backends), 'a_p')).toEqual({ completion: { values: ['v'] } })
    backends.at('a').answer = GatewayError.backend({ code: -32602, message: 'no such argument' })
    expect(await refusal(complete(route(backends), 'a_p'))).toMatchObject({ code: 'backend' })
  })
})

describe('names that nobody decided on under manual', () => {
  function conflicting() {
    const backends = new MemoryBackends('a', 'b', 'c')
    backends.at('a').offers(tools('x', 'y', 'mine'))
    backends.at('b').offers(tools('x'))
    backends.at('c').offers(tools('y'))
    return { backends, router: route(backends, { policy: MANUAL }) }
  }

  test('make the list fail with every conflict, its backends, and how to mend it', async () => {
    const error = await refusal(names(conflicting().router))
    expect(error).toMatchObject({
      code: 'conflict',
      data: {
        conflicts: [
          { name: 'x', backends: ['a', 'b'] },
          { name: 'y', backends: ['a', 'c'] },
        ],
      },
    })
    for (const word of ["'x'", "'y'", "'a'", "'b'", "'c'", 'overrides', 'filter'])
      expect(error.message).toContain(word)
  })

  test('are routed to nobody, while what is clear goes on working', async () => {
    const { router } = conflicting()
    expect(await refusal(router.resolve(ANONYMOUS_CALLER, tool('x'), forever()))).toMatchObject({
      code: 'conflict',
    })
    expect(await refusal(router.resolve(ANONYMOUS_CALLER, tool('none'), forever()))).toMatchObject({
      code: 'not_found',
    })
    expect((await router.resolve(ANONYMOUS_CALLER, tool('mine'), forever())).item.origin.backend).toBe('a')
    expect(router.conflicts.map(({ name }) => name)).toEqual(['x', 'y'])
  })

  test('are no longer in the way once they are gone', async () => {
    const { backends, router } = conflicting()
    backends.at('a').offers(tools('mine'))
    expect(await names(router)).toEqual(['mine', 'x', 'y'])
  })
})
