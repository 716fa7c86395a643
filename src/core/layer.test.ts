import { describe, expect, test } from 'vitest'
import type { Call, Exchange } from './call.ts'
import { ANONYMOUS, ANONYMOUS_CALLER, type Caller } from './caller.ts'
import type { Catalog, Item, ToolItem } from './catalog.ts'
import { GatewayError } from './errors.ts'
import type { Change, Gateway } from './gateway.ts'
import { notFound, restrict } from './layer.ts'
import { RawObject } from './raw.ts'

const tool = (name: string): ToolItem => ({
  kind: 'tool',
  name,
  origin: { backend: 'b', name },
  definition: { name },
  hidden: false,
})
const CATALOG: Catalog = {
  tools: [tool('a'), tool('b')],
  prompts: [
    {
      kind: 'prompt',
      name: 'p',
      origin: { backend: 'b', name: 'p' },
      definition: { name: 'p' },
      hidden: false,
    },
  ],
  resources: [
    { kind: 'resource', uri: 'r:1', origin: { backend: 'b', name: 'r:1' }, definition: {}, hidden: false },
  ],
  templates: [],
  dropped: [{ kind: 'tool', origin: { backend: 'b', name: 'z' }, reason: 'why not' }],
  caching: () => ({ ttlMs: 5, scope: 'public' }),
}
const caller = (subject: string): Caller => ({
  ...ANONYMOUS_CALLER,
  principal: { ...ANONYMOUS, subject },
})
const { signal } = new AbortController()
const call = (name: string): Call => ({ kind: 'tool', name, params: RawObject.empty })

const READ = { contents: [], ttlMs: 5, cacheScope: 'public' }

/** Has the tools and resources of CATALOG, and says of every change that it was the prompts. */
const inner: Gateway = {
  list: async () => CATALOG,
  async resolve(_, asked) {
    const item = [...CATALOG.tools, ...CATALOG.resources].find((it) =>
      it.kind === 'tool'
        ? asked.kind === 'tool' && it.name === asked.name
        : asked.kind === 'resource' && it.uri === asked.uri,
    )
    if (item === undefined) throw notFound(asked)
    return { item, run: async () => ({ type: 'complete', body: RawObject.of(READ) }) }
  },
  async *watch(): AsyncIterable<Change> {
    yield { kind: 'prompts' }
  },
}

const refusal = async (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a restriction', () => {
  const onlyA = restrict((item) => item.kind !== 'tool' || item.name === 'a')(inner)

  test('takes away from the list what it does not allow, and nothing else', async () => {
    const { caching, ...rest } = CATALOG
    const { caching: _, ...shown } = await onlyA.list(caller('x'), signal)
    expect(shown).toEqual({ ...rest, tools: [tool('a')] })
  })

  test('refuses the call of it in the words for what does not exist', async () => {
    expect((await onlyA.resolve(caller('x'), call('a'), signal)).item).toEqual(tool('a'))
    const hidden = await refusal(onlyA.resolve(caller('x'), call('b'), signal))
    const absent = await refusal(onlyA.resolve(caller('x'), call('c'), signal))
    expect(hidden).toMatchObject({ code: 'not_found', message: "tool 'b' not found" })
    expect(absent).toMatchObject({ code: 'not_found', message: "tool 'c' not found" })
  })

  test('may refuse in words of its own', async () => {
    const denied = restrict(
      () => false,
      (asked) => new GatewayError('denied', `no ${asked.kind} for you`),
    )(inner)
    expect(await refusal(denied.resolve(caller('x'), call('a'), signal))).toMatchObject({
      code: 'denied',
      message: 'no tool for you',
    })
  })

  test('sees the call when there is one, and the caller always', async () => {
    const seen: unknown[] = []
    const watched = restrict((item, by, asked) => {
      if (item.kind === 'tool' && item.name === 'a') seen.push([by.principal.subject, asked?.kind])
      return true
    })(inner)
    await watched.list(caller('x'), signal)
    await watched.resolve(caller('y'), call('a'), signal)
    expect(seen).toEqual([
      ['x', undefined],
      ['y', 'tool'],
    ])
  })

  test('passes changes on', async () => {
    const kinds: string[] = []
    for await (const { kind } of onlyA.watch(caller('x'), signal)) kinds.push(kind)
    expect(kinds).toEqual(['prompts'])
  })

  test('gives one principal one object for one catalogue, and each principal their own', async () => {
    const forX = restrict((item, by) => item.kind !== 'tool' || item.name === by.principal.subject)(inner)
    const [a, b] = [caller('a'), caller('b')]
    const first = await forX.list(a, signal)
    expect(await forX.list({ ...a, version: 'other' }, signal)).toBe(first)
    expect((await forX.list(b, signal)).tools).toEqual([tool('b')])
    expect((await forX.list(a, signal)).tools).toEqual([tool('a')])
  })

  test('that is the same for everyone gives everyone one object', async () => {
    const same = restrict((item) => item.kind !== 'tool' || item.name === 'a', notFound, 'everyone')(inner)
    expect(await same.list(caller('x'), signal)).toBe(await same.list(caller('y'), signal))
  })

  test('that takes nothing away gives everyone one object', async () => {
    const all = restrict(() => true)(inner)
    expect(await all.list(caller('x'), signal)).toBe(await all.list(caller('y'), signal))
    expect(await restrict(() => true, notFound, 'everyone')(inner).list(caller('x'), signal)).toBe(CATALOG)
  })

  test.each([
    ['everyone', 'public'],
    ['caller', 'private'],
  ] as const)('that may depend on %s has lists that are %s', async (scope, expected) => {
    for (const allows of [() => true, (item: Item) => item.kind !== 'tool']) {
      const { caching } = await restrict(allows, notFound, scope)(inner).list(caller('x'), signal)
      expect(caching('tools')).toEqual({ ttlMs: 5, scope: expected })
    }
  })

  test.each([
    ['everyone', READ],
    ['caller', { contents: [], ttlMs: 5 }],
  ] as const)('that may depend on %s gives what is read as %j', async (scope, expected) => {
    const read: Call = { kind: 'resource', uri: 'r:1', params: RawObject.empty }
    const resolved = await restrict(() => true, notFound, scope)(inner).resolve(caller('x'), read, signal)
    expect((await resolved.run({} as Exchange)).body.parse()).toEqual(expected)
  })
})

test.each<[Call, string]>([
  [call('a'), "tool 'a' not found"],
  [{ kind: 'prompt', name: 'p', params: RawObject.empty }, "prompt 'p' not found"],
  [{ kind: 'resource', uri: 'r:1', params: RawObject.empty }, "resource 'r:1' not found"],
])('what is not found is named: %#', (asked, message) => {
  expect(notFound(asked)).toMatchObject({ code: 'not_found', message })
})
