import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { ANONYMOUS_CALLER } from '../core/caller.ts'
import { DEFAULT_AGGREGATION, type PartialFailureMode } from '../core/config.ts'
import { restrict } from '../core/layer.ts'
import { silent } from '../core/log.ts'
import { openRouter, type Router } from './router.ts'
import { MemoryBackends, tools } from './testing.ts'

const open: Router[] = []
afterEach(() => {
  for (const router of open.splice(0)) router.close()
})

function route(backends: MemoryBackends, partialFailure?: PartialFailureMode): Router {
  const patience = { graceMs: 50, firstMs: 1_000 }
  const router = openRouter({ backends, policy: DEFAULT_AGGREGATION, log: silent, patience, partialFailure })
  open.push(router)
  return router
}

const forever = () => new AbortController().signal

/** Two backends, of which `b` was never reached. */
function halfDown(): MemoryBackends {
  const backends = new MemoryBackends('a', 'b')
  backends.at('a').offers(tools('x'))
  backends.at('b').fails("backend 'b': connection refused")
  return backends
}

describe('with best effort', () => {
  test('a list says which backends are missing, and no longer when they are back', async () => {
    const backends = halfDown()
    const router = route(backends)
    const list = () => router.list(ANONYMOUS_CALLER, forever())
    expect(await list()).toMatchObject({ tools: [{ name: 'a_x' }], missing: ['b'] })
    expect(await list()).toBe(await list())
    backends.at('b').offers(tools('y'))
    const whole = await list()
    expect(whole.tools.map(({ name }) => name)).toEqual(['a_x', 'b_y'])
    expect(whole.missing).toBeUndefined()
  })

  test('a backend that is found to be unhealthy keeps its entries, and is named', async () => {
    const backends = new MemoryBackends('a', 'b')
    for (const backend of backends.all) backend.offers(tools('x'))
    const router = route(backends)
    const before = await router.list(ANONYMOUS_CALLER, forever())
    backends.at('b').is('unhealthy')
    const during = await router.list(ANONYMOUS_CALLER, forever())
    expect(during).toMatchObject({ missing: ['b'] })
    expect(during.tools).toBe(before.tools)
    backends.at('b').is('degraded')
    expect((await router.list(ANONYMOUS_CALLER, forever())).missing).toBeUndefined()
  })

  test('layers that take away leave the names of the missing', async () => {
    const layer = restrict((item) => item.kind !== 'tool')(route(halfDown()))
    expect(await layer.list(ANONYMOUS_CALLER, forever())).toMatchObject({ tools: [], missing: ['b'] })
  })
})

describe('with fail', () => {
  test('a list is an error that names the missing and says why', async () => {
    const router = route(halfDown(), 'fail')
    await expect(router.list(ANONYMOUS_CALLER, forever())).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/without 'b': connection refused.*best_effort/),
      data: { missingBackends: ['b'] },
    })
  })

  test('backends that serve can be called all the same', async () => {
    const router = route(halfDown(), 'fail')
    const params = { kind: 'tool', name: 'a_x', params: {} } as never
    expect((await router.resolve(ANONYMOUS_CALLER, params, forever())).item).toMatchObject({ name: 'a_x' })
  })

  test('those who watch are told of all lists when it becomes whole, and when it is no longer', async () => {
    const backends = halfDown()
    const router = route(backends, 'fail')
    const heard: string[] = []
    void (async () => {
      for await (const { kind } of router.watch(ANONYMOUS_CALLER, forever())) heard.push(kind)
    })()
    backends.at('b').offers({})
    for (let i = 0; i < 5; i++) await turn()
    expect(heard.sort()).toEqual(['prompts', 'resources', 'tools'])
    expect((await router.list(ANONYMOUS_CALLER, forever())).tools).toHaveLength(1)
    backends.at('a').is('unhealthy')
    for (let i = 0; i < 5; i++) await turn()
    expect(heard).toHaveLength(6)
    await expect(router.list(ANONYMOUS_CALLER, forever())).rejects.toThrow("without 'a': unhealthy")
  })
})
