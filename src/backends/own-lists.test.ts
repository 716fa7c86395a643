import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { silent } from '../core/log.ts'
import type { Offer, ReadyState, ServerFacts } from '../core/ports.ts'
import type { Connection } from './mcp/connection.ts'
import { STALE } from './mcp/listing.ts'
import { OwnLists } from './own-lists.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const SERVER: ServerFacts = {
  era: 'legacy',
  version: '2025-11-25',
  info: {},
  capabilities: {},
  instructions: undefined,
}

function offering(...names: string[]): Offer {
  return { tools: names.map((name) => ({ name })), prompts: [], resources: [], templates: [] }
}

function shownToAll(...names: string[]): ReadyState {
  return { status: 'ready', offer: offering(...names), freshness: {}, server: SERVER }
}

/** A backend that shows `a` to all, and lists to the session what `lists` says. */
function world() {
  const told: string[] = []
  const it = { all: shownToAll('a'), toldAt: Number.NEGATIVE_INFINITY, lists: offering('a'), listed: 0, told }
  const own = new OwnLists({
    name: 'b',
    log: silent,
    limits: { connectMs: 1_000 },
    list: async () => {
      it.listed++
      return { offer: it.lists, freshness: { tools: STALE } }
    },
    common: () => ({ state: it.all, toldAt: it.toldAt }),
    tell: (session, { kind }) => told.push(`${session}: ${kind}`),
  })
  const opened = { connection: { server: SERVER } as Connection, since: Number.NEGATIVE_INFINITY }
  const change = async (...names: string[]) => {
    it.lists = offering(...names)
    own.doubt('s', opened)
    own.doubt('s', opened)
    await vi.advanceTimersByTimeAsync(200)
  }
  const shown = () => own.of('s')?.offer.tools.map(({ name }) => name)
  return { it, own, opened, change, shown }
}

describe('a session that its backend tells of a change', () => {
  test('is shown what its own connection lists, and told so', async () => {
    const { it, own, change, shown } = world()
    await change('a', 'own')
    expect(shown()).toEqual(['a', 'own'])
    expect([it.told, it.listed, own.size]).toEqual([['s: tools'], 1, 1])
    expect(own.of('other')).toBeUndefined()
    await change('own')
    expect(shown()).toEqual(['own'])
  })

  test('is shown what all are where its connection lists the same', async () => {
    const { it, change, shown } = world()
    await change('a')
    expect([shown(), it.listed, it.told]).toEqual([undefined, 1, []])
    await change('a', 'own')
    await change('a')
    expect([shown(), it.told]).toEqual([undefined, ['s: tools', 's: tools']])
  })

  test('is shown what it was never listed like all others, and what it was, no more when it goes', async () => {
    const { it, own, change, opened, shown } = world()
    it.all = shownToAll('a', 'sample', 'z')
    opened.since = performance.now()
    await change('a', 'z')
    expect([shown(), it.told, own.size]).toEqual([undefined, [], 0])
    await change('a', 'z', 'own')
    expect(shown()).toEqual(['a', 'sample', 'z', 'own'])
    await change('z')
    expect(shown()).toEqual(['sample', 'z'])
  })

  test('is not asked about where all were told a moment ago, so that many sessions are no storm', async () => {
    const { it, change, shown } = world()
    it.toldAt = performance.now()
    await change('a', 'late')
    expect([shown(), it.listed]).toEqual([undefined, 0])
  })

  test('is shown what all are when they are shown the same, without a word', async () => {
    const { it, own, change, shown } = world()
    await change('a', 'new')
    it.all = shownToAll('a', 'new')
    own.compare()
    expect([shown(), it.told]).toEqual([undefined, ['s: tools']])
  })

  test('is listed again when all are shown something else', async () => {
    const { it, own, change, shown } = world()
    await change('a', 'own')
    it.all = shownToAll('a', 'new')
    it.lists = offering('a', 'own', 'new')
    own.compare()
    own.compare()
    await vi.advanceTimersByTimeAsync(200)
    expect([shown(), it.listed]).toEqual([['a', 'new', 'own'], 2])
  })

  test('has nothing of its own when its connection ends', async () => {
    const { it, own, opened, change, shown } = world()
    const heard: string[] = []
    const stop = own.hear((session) => heard.push(session))
    await change('a', 'own')
    own.forget('s')
    expect([shown(), own.size, it.told]).toEqual([undefined, 0, ['s: tools', 's: tools']])
    expect(heard).toEqual(['s', 's'])
    stop()
    own.doubt('s', opened)
    own.forget('s')
    await vi.advanceTimersByTimeAsync(200)
    expect([it.listed, heard.length]).toEqual([1, 2])
  })
})
