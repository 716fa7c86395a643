import { afterEach, expect, it } from 'vitest'
import { type Call, type Exchange, PartRef } from '../../core/call.ts'
import type { Caller } from '../../core/caller.ts'
import { ANONYMOUS_CALLER } from '../../core/caller.ts'
import { DEFAULT_AGGREGATION } from '../../core/config.ts'
import { silent } from '../../core/log.ts'
import type { ReadyState, SessionViews } from '../../core/ports.ts'
import { RawObject } from '../../core/raw.ts'
import { createRouter } from '../create.ts'
import type { Router } from '../router.ts'
import { MemoryBackends, ready, tools } from '../testing.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

class HandViews implements SessionViews {
  readonly #shown = new Map<string, ReadyState>()
  readonly #listeners = new Set<(session: string) => void>()

  get size(): number {
    return this.#shown.size
  }

  get listeners(): number {
    return this.#listeners.size
  }

  of(session: string): ReadyState | undefined {
    return this.#shown.get(session)
  }

  hear(listener: (session: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  show(session: string, state: ReadyState | undefined): void {
    if (state === undefined) this.#shown.delete(session)
    else this.#shown.set(session, state)
    for (const listener of this.#listeners) listener(session)
  }
}

const OWN = ready(tools('s', 'own')) as ReadyState
const one: Caller = { ...ANONYMOUS_CALLER, era: 'legacy', session: 'one' }
const other: Caller = { ...ANONYMOUS_CALLER, era: 'legacy', session: 'other' }
const forever = () => new AbortController().signal

function open() {
  const backends = new MemoryBackends('a', 'b')
  backends.at('a').offers(tools('s'))
  backends.at('b').offers(tools('t'))
  const views = new HandViews()
  Object.assign(backends.at('a'), { sessionViews: views })
  const router = createRouter(backends, DEFAULT_AGGREGATION, silent)
  closers.push(() => router.close())
  return { backends, views, router }
}

async function namesOf(router: Router, caller: Caller): Promise<string[]> {
  const { tools: items } = await router.list(caller, forever())
  return items.map(({ name }) => name)
}

const call = (name: string): Call => ({ kind: 'tool', name, params: RawObject.empty })

it('a session lists and calls what it alone is shown, and all others what all are shown', async () => {
  const { backends, views, router } = open()
  expect(await namesOf(router, one)).toEqual(['a_s', 'b_t'])
  views.show('one', OWN)
  expect(await namesOf(router, one)).toEqual(['a_own', 'a_s', 'b_t'])
  expect(await namesOf(router, other)).toEqual(['a_s', 'b_t'])
  expect(await namesOf(router, { ...ANONYMOUS_CALLER, session: undefined })).toEqual(['a_s', 'b_t'])
  const { run } = await router.resolve(one, call('a_own'), forever())
  await run({ signal: forever(), ref: new PartRef({ id: 'r' }) } as Exchange)
  expect(backends.at('a').calls.map(({ caller }) => caller.session)).toEqual(['one'])
  await expect(router.resolve(other, call('a_own'), forever())).rejects.toMatchObject({ code: 'not_found' })
  await expect(router.resolve(one, call('b_t'), forever())).resolves.toBeDefined()
})

it('what others have changes for a session with lists of its own too', async () => {
  const { backends, views, router } = open()
  views.show('one', OWN)
  await namesOf(router, one)
  backends.at('b').offers(tools('t', 'u'))
  expect(await namesOf(router, one)).toEqual(['a_own', 'a_s', 'b_t', 'b_u'])
})

it('a session that is shown nothing of its own any more is shown what all are', async () => {
  const { views, router } = open()
  views.show('one', OWN)
  await namesOf(router, one)
  views.show('one', undefined)
  expect(await namesOf(router, one)).toEqual(['a_s', 'b_t'])
  views.show('one', OWN)
  expect(await namesOf(router, one)).toEqual(['a_own', 'a_s', 'b_t'])
})

it('sessions that are shown the same share one catalogue', async () => {
  const { views, router } = open()
  views.show('one', OWN)
  views.show('other', OWN)
  expect(await router.list(one, forever())).toBe(await router.list(other, forever()))
})

it('a closed gateway hears of no session any more', () => {
  const { views, router } = open()
  expect(views.listeners).toBe(1)
  router.close()
  expect(views.listeners).toBe(0)
})
