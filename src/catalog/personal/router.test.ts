import { afterEach, describe, expect, it } from 'vitest'
import { ANONYMOUS_CALLER, type Caller, identityOf } from '../../core/caller.ts'
import { DEFAULT_AGGREGATION } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Change } from '../../core/gateway.ts'
import { silent } from '../../core/log.ts'
import type { Backend, BackendState, Backends, Views } from '../../core/ports.ts'
import { RawObject } from '../../core/raw.ts'
import { createRouter } from '../create.ts'
import { openRouter, type Router } from '../router.ts'
import { MemoryBackends, ready, tools } from '../testing.ts'
import { Circles, notYet } from './circles.ts'
import { PersonalRouter } from './router.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** Views that are set by hand; of a caller of whom nothing is set there is none, however long one looks. */
class HandViews implements Views {
  readonly looked: string[] = []
  readonly followed: string[] = []
  readonly #shown = new Map<string, BackendState>()
  readonly #listeners = new Set<(identity: string) => void>()

  get size(): number {
    return this.#shown.size
  }

  of({ principal }: Caller): BackendState | undefined {
    return this.#shown.get(identityOf(principal))
  }

  look({ principal }: Caller): Promise<void> | undefined {
    this.looked.push(principal.subject)
    return this.#shown.has(identityOf(principal)) ? undefined : new Promise(() => {})
  }

  follow({ principal }: Caller, signal: AbortSignal): void {
    this.followed.push(principal.subject)
    signal.addEventListener('abort', () => {
      this.followed.splice(this.followed.indexOf(principal.subject), 1)
    })
  }

  hear(listener: (identity: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  show({ principal }: Caller, state: BackendState | undefined): void {
    const identity = identityOf(principal)
    if (state === undefined) this.#shown.delete(identity)
    else this.#shown.set(identity, state)
    for (const listener of this.#listeners) listener(identity)
  }
}

function user(subject: string): Caller {
  return { ...ANONYMOUS_CALLER, principal: { issuer: 'i', subject, name: subject, claims: {} } }
}

function refusal(): BackendState {
  const error = new GatewayError('unavailable', "backend 'own': answered 401: no")
  return { status: 'failed', error, last: undefined }
}

const [ann, bob, eve] = ['ann', 'bob', 'eve'].map(user) as [Caller, Caller, Caller]
const signal = new AbortController().signal
const A = ready(tools('a'))
const B = ready(tools('b'))

interface Given {
  readonly graceMs?: number
  readonly partialFailure?: 'fail' | 'best_effort'
}

/** One backend for all, and one that is each caller's own. */
function open({ graceMs = 50, partialFailure = 'best_effort' }: Given = {}) {
  const memory = new MemoryBackends('own', 'shared')
  const views = new HandViews()
  const own = Object.assign(memory.at('own'), { views })
  memory.at('shared').offers(tools('s'))
  const backends: Backends = memory
  const policy = DEFAULT_AGGREGATION
  const patience = { graceMs, firstMs: 200 }
  const router = new PersonalRouter({ backends, policy, log: silent, patience, partialFailure })
  closers.push(() => router.close())
  return { memory, own, views, router }
}

async function namesOf(router: Router, caller: Caller): Promise<string[]> {
  return (await router.list(caller, signal)).tools.map(({ name }) => name)
}

function call(router: Router, caller: Caller, name: string) {
  return router.resolve(caller, { kind: 'tool', name, params: RawObject.empty }, signal)
}

/** What is told from now on. */
function told(router: Router, caller: Caller, until: AbortSignal = signal): string[] {
  const kinds: string[] = []
  const read = async (changes: AsyncIterable<Change>) => {
    for await (const { kind } of changes) kinds.push(kind)
    kinds.push('(end)')
  }
  void read(router.watch(caller, until))
  return kinds
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 20))

describe('what each caller is listed', () => {
  it('is what they are shown, and one catalogue for all who are shown the same', async () => {
    const { views, router } = open()
    for (const [caller, view] of [
      [ann, A],
      [bob, B],
      [eve, A],
    ] as const)
      views.show(caller, view)
    expect(await namesOf(router, ann)).toEqual(['own_a', 'shared_s'])
    expect(await namesOf(router, bob)).toEqual(['own_b', 'shared_s'])
    expect(await router.list(eve, signal)).toBe(await router.list(ann, signal))
    expect(router.catalog.tools.map(({ name }) => name)).toEqual(['shared_s'])
  })

  it('follows what they are shown, and what all are shown', async () => {
    const { memory, views, router } = open()
    views.show(ann, A)
    await router.list(ann, signal)
    views.show(ann, B)
    expect(await namesOf(router, ann)).toEqual(['own_b', 'shared_s'])
    memory.at('shared').offers(tools('t'))
    expect(await namesOf(router, ann)).toEqual(['own_b', 'shared_t'])
  })

  it('is for no cache that callers share, whatever backends say', async () => {
    const { memory, views, router } = open()
    memory.at('shared').offersFor({ tools: { until: Number.MAX_SAFE_INTEGER, scope: 'public' } }, tools('s'))
    views.show(ann, refusal())
    expect((await router.list(ann, signal)).caching('tools')).toEqual({ ttlMs: 0, scope: 'private' })
  })

  it('does without a backend that takes its time, which is told of when it comes', async () => {
    const { views, router } = open()
    const kinds = told(router, ann)
    expect(await namesOf(router, ann)).toEqual(['shared_s'])
    expect((await router.list(ann, signal)).missing).toEqual(['own'])
    views.show(ann, A)
    await soon()
    expect(await namesOf(router, ann)).toEqual(['own_a', 'shared_s'])
    expect(kinds).toEqual(['tools'])
    views.show(ann, undefined)
    await soon()
    views.show(ann, B)
    await soon()
    expect(kinds).toEqual(['tools', 'tools'])
  })

  it('is nothing where nothing may be missing', async () => {
    const { views, router } = open({ partialFailure: 'fail' })
    views.show(ann, A)
    views.show(eve, refusal())
    expect(await namesOf(router, ann)).toEqual(['own_a', 'shared_s'])
    await expect(router.list(eve, signal)).rejects.toThrow("the lists would be without 'own': answered 401")
  })
})

describe('a call', () => {
  it("reaches what the caller is shown, and nothing of another's", async () => {
    const { own, views, router } = open()
    views.show(ann, A)
    views.show(bob, B)
    const { item } = await call(router, ann, 'own_a')
    expect(item.origin).toEqual({ backend: 'own', name: 'a' })
    await expect(call(router, bob, 'own_a')).rejects.toMatchObject({ code: 'not_found' })
    expect((await call(router, bob, 'shared_s')).item.origin.backend).toBe('shared')
    expect(own.calls).toEqual([])
  })

  it('of what nothing is known asks for it first', async () => {
    const { views, router } = open()
    views.show(ann, A)
    await call(router, ann, 'own_a')
    await call(router, ann, 'own_a')
    expect(views.looked).toEqual(['ann'])
    await expect(call(router, ann, 'own_x')).rejects.toThrow("tool 'own_x' not found")
    expect(views.looked).toEqual(['ann', 'ann'])
  })

  it('says why there is nothing of a backend, where the name is of that one, and else nothing', async () => {
    const { own, views, router } = open()
    views.show(eve, refusal())
    const why = "it shows you nothing that could be called: backend 'own': answered 401"
    await expect(call(router, eve, 'own_a')).rejects.toThrow(why)
    await expect(call(router, eve, 'shared_x')).rejects.toThrow("tool 'shared_x' not found")
    // The gateway itself is shown it, so that it is known whose it is.
    own.offers({ resources: [{ uri: 'own://doc', name: 'doc' }] })
    const read = { kind: 'resource', uri: 'own://doc', params: RawObject.empty } as const
    await expect(router.resolve(eve, read, signal)).rejects.toThrow(why)
  })
})

describe('those who watch', () => {
  it('are not told of what they are shown first, unless they were listed something else before', async () => {
    const { views, router } = open()
    const first = told(router, ann)
    views.show(ann, A)
    await namesOf(router, ann)
    expect(await namesOf(router, bob)).toEqual(['shared_s'])
    const kinds = told(router, bob)
    views.show(bob, B)
    await soon()
    expect([first, kinds]).toEqual([[], ['tools']])
  })

  it('hear of what they are shown themselves, and of what all are shown', async () => {
    const { memory, views, router } = open()
    views.show(ann, A)
    views.show(bob, A)
    const [of, others] = [told(router, ann), told(router, bob)]
    views.show(ann, B)
    await soon()
    expect([of, others]).toEqual([['tools'], []])
    memory.at('shared').offers({ prompts: [{ name: 'p' }], ...tools('s') })
    await soon()
    expect([of, others]).toEqual([['tools', 'prompts'], ['prompts']])
  })

  it('hear nothing of what looks the same', async () => {
    const { views, router } = open()
    views.show(ann, A)
    const kinds = told(router, ann)
    views.show(ann, ready(tools('a')))
    await soon()
    expect(kinds).toEqual([])
  })

  it('are followed at the backend as long as they watch', async () => {
    const { views, router } = open()
    views.show(ann, A)
    const over = new AbortController()
    const kinds = told(router, ann, over.signal)
    expect(views.followed).toEqual(['ann'])
    over.abort()
    await soon()
    expect([views.followed, kinds]).toEqual([[], ['(end)']])
  })

  it.each(['retire', 'close'] as const)('hear the end when another takes its place: %s', async (how) => {
    const { views, router } = open()
    views.show(ann, A)
    const kinds = told(router, ann)
    router[how]()
    await soon()
    expect([kinds, views.followed]).toEqual([['(end)'], []])
    const late = told(router, ann)
    await soon()
    expect(late).toEqual(['(end)'])
  })
})

it('a router whose place was taken answers those who still ask', async () => {
  const { views, router } = open()
  views.show(ann, A)
  router.retire()
  expect(await namesOf(router, ann)).toEqual(['own_a', 'shared_s'])
})

it('nothing is kept of callers who are gone, and of what nobody is shown any more', () => {
  const { all, watch, sessions } = new MemoryBackends('own')
  const backend = Object.assign(all[0] as Backend, { views: new HandViews() })
  const backends = { all: [backend], watch: watch.bind(new MemoryBackends()), sessions }
  const patience = { graceMs: 0, firstMs: 0 }
  const views = { hasViews: () => true, unknown: notYet, open: openRouter }
  const circles = new Circles({ backends, policy: DEFAULT_AGGREGATION, log: silent, patience, ...views })
  closers.push(() => circles.close())
  const [one, same, other] = [circles.join([A]), circles.join([A]), circles.join([B])]
  expect([one === same, circles.size]).toEqual([true, 2])
  circles.leave(one)
  circles.leave(other)
  expect(circles.size).toBe(1)
  circles.leave(same)
  expect(circles.size).toBe(0)
})

it('without such backends there is nothing of this', () => {
  const backends = new MemoryBackends('one')
  const router = createRouter(backends, DEFAULT_AGGREGATION, silent)
  const patience = { graceMs: 0, firstMs: 0 }
  const plain = openRouter({ backends, policy: DEFAULT_AGGREGATION, log: silent, patience })
  closers.push(
    () => router.close(),
    () => plain.close(),
  )
  expect(router.constructor).toBe(plain.constructor)
})
