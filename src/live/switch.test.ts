import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { onAbort } from '../core/abort.ts'
import type { Call, Exchange, Notice, Result } from '../core/call.ts'
import { ANONYMOUS_CALLER, type Caller } from '../core/caller.ts'
import { type Catalog, type ToolItem, UNCACHEABLE } from '../core/catalog.ts'
import { GatewayError } from '../core/errors.ts'
import type { Change, Gateway, Resolved } from '../core/gateway.ts'
import { RawObject } from '../core/raw.ts'
import { Topic } from '../core/topic.ts'
import { Switch } from './switch.ts'

const DONE: Result = { type: 'complete', body: RawObject.empty }

/** A gateway in memory whose tools are all of one backend. */
class Memory implements Gateway {
  readonly topic = new Topic<Change>(({ kind }) => kind)
  readonly exchanges: Exchange[] = []
  readonly backend: string
  tools: readonly ToolItem[]
  /** What holds back its answers, if anything. */
  held: Promise<unknown> = Promise.resolve()

  constructor(backend: string, ...names: string[]) {
    this.backend = backend
    this.tools = names.map((name) => toolOf(backend, name))
  }

  async list(): Promise<Catalog> {
    await this.held
    const { tools } = this
    return { tools, prompts: [], resources: [], templates: [], dropped: [], caching: () => UNCACHEABLE }
  }

  async resolve(_: Caller, call: Call): Promise<Resolved> {
    await this.held
    const name = call.kind === 'tool' ? call.name : call.kind === 'subscription' ? call.uri : ''
    const item = this.tools.find((tool) => tool.name === name)
    if (item === undefined) throw new GatewayError('not_found', `${name} of ${this.backend}`)
    return {
      item,
      run: async (exchange) => {
        this.exchanges.push(exchange)
        return DONE
      },
    }
  }

  watch(_: Caller, signal: AbortSignal): AsyncIterable<Change> {
    return this.topic.subscribe(signal)
  }
}

function toolOf(backend: string, name: string): ToolItem {
  return { kind: 'tool', name, origin: { backend, name }, definition: { name }, hidden: false }
}

let ending: AbortController
let first: Memory
let gateway: Switch

beforeEach(() => {
  ending = new AbortController()
  first = new Memory('a', 'one')
  gateway = new Switch(first)
})

afterEach(() => ending.abort())

function replace(next: Memory, before: Memory = first, gone: readonly string[] = []): void {
  gateway.replace({ gateway: next, gone: new Set(gone), retire: () => before.topic.close() })
}

const toolCall = (name: string): Call => ({ kind: 'tool', name, params: RawObject.empty })
const names = async () => (await gateway.list(ANONYMOUS_CALLER, ending.signal)).tools.map(({ name }) => name)

/** What a client is told, as it comes. */
function listener(signal = ending.signal) {
  const heard: Change['kind'][] = []
  const changes = gateway.watch(ANONYMOUS_CALLER, signal)
  const ended = (async () => {
    for await (const { kind } of changes) heard.push(kind)
  })()
  return { heard, ended }
}

const soon = () => sleep(20)

describe('a gateway whose place is taken', () => {
  test('lists and finds what the next one has', async () => {
    replace(new Memory('b', 'two'))
    expect(await names()).toEqual(['two'])
    await expect(gateway.resolve(ANONYMOUS_CALLER, toolCall('one'), ending.signal)).rejects.toThrow(
      'one of b',
    )
  })

  test('still serves a call that was resolved in it', async () => {
    const resolved = await gateway.resolve(ANONYMOUS_CALLER, toolCall('one'), ending.signal)
    replace(new Memory('b'))
    await resolved.run(exchange().exchange)
    expect(first.exchanges).toHaveLength(1)
  })

  test('has what it did not find looked for in the next', async () => {
    let go: (value: unknown) => void = () => {}
    first.held = new Promise((resolve) => {
      go = resolve
    })
    const resolving = gateway.resolve(ANONYMOUS_CALLER, toolCall('two'), ending.signal)
    const listing = names()
    replace(new Memory('b', 'two'))
    go(undefined)
    expect((await resolving).item.origin.backend).toBe('b')
    expect(await listing).toEqual(['two'])
  })
})

describe('a client that watches', () => {
  test('is told of the lists that the next gateway has otherwise, and of none that are the same', async () => {
    const { heard } = listener()
    const same = new Memory('b', 'one')
    replace(same)
    await soon()
    expect(heard).toEqual([])
    replace(new Memory('b', 'one', 'two'), same)
    await soon()
    expect(heard).toEqual(['tools'])
  })

  test('goes on being told of what changes, once each', async () => {
    const { heard } = listener()
    const next = new Memory('b', 'one')
    replace(next)
    await soon()
    next.topic.publish({ kind: 'prompts' })
    await soon()
    next.topic.publish({ kind: 'tools' })
    await soon()
    expect(heard).toEqual(['prompts', 'tools'])
  })

  test('misses nothing that happened just before, or between two changes', async () => {
    const { heard } = listener()
    first.topic.publish({ kind: 'prompts' })
    const second = new Memory('b', 'two')
    replace(second)
    second.topic.publish({ kind: 'resources' })
    replace(new Memory('c', 'three'), second)
    await soon()
    expect(heard.toSorted()).toEqual(['prompts', 'resources', 'tools'])
  })

  test('is told nothing when there is another configuration and back again before it reads', async () => {
    const { heard } = listener()
    const second = new Memory('b', 'two')
    replace(second)
    replace(new Memory('c', 'one'), second)
    await soon()
    expect(heard).toEqual([])
  })

  test('is done when its signal fires, before or after', async () => {
    const own = new AbortController()
    const { ended } = listener(own.signal)
    replace(new Memory('b'))
    await soon()
    own.abort()
    await ended
    const late = listener(own.signal)
    await late.ended
  })

  test('is done when the last gateway ends, and not when one before does', async () => {
    const { ended, heard } = listener()
    const next = new Memory('b', 'two')
    replace(next)
    await soon()
    next.topic.close()
    await ended
    expect(heard).toEqual(['tools'])
  })

  test('can leave early', async () => {
    const changes = gateway.watch(ANONYMOUS_CALLER, ending.signal)
    replace(new Memory('b', 'two'))
    for await (const _ of changes) break
    replace(new Memory('c', 'three'))
  })
})

/** The exchange of a client that keeps what it is told. */
function exchange() {
  const cancel = new AbortController()
  const heard: Notice[] = []
  const it: Exchange = {
    signal: cancel.signal,
    takesInputRequired: false,
    onAbort: (callback) => onAbort(cancel.signal, callback),
    notify: (notice) => heard.push(notice),
    ask: () => Promise.reject(new GatewayError('capability_required', 'nobody answers')),
  }
  return { exchange: it, heard, cancel }
}

describe('a subscription', () => {
  const URI = 'data://x'
  const call: Call = { kind: 'subscription', uri: URI, params: RawObject.of({ uri: URI }) }
  const notice = (method: string): Notice => ({ method, params: RawObject.empty })

  async function subscribed(memory: Memory) {
    first = memory
    gateway = new Switch(first)
    const client = exchange()
    const resolved = await gateway.resolve(ANONYMOUS_CALLER, call, ending.signal)
    await resolved.run(client.exchange)
    return client
  }

  test('stays where it is as long as its backend is the same', async () => {
    const client = await subscribed(new Memory('a', URI))
    const next = new Memory('a', URI)
    replace(next)
    await soon()
    expect(next.exchanges).toHaveLength(0)
    first.exchanges[0]?.notify(notice('old'))
    expect(client.heard.map(({ method }) => method)).toEqual(['old'])
  })

  test('moves to the backend that has taken the place of its own, and says that something may have happened', async () => {
    const client = await subscribed(new Memory('a', URI))
    const next = new Memory('a', URI)
    replace(next, first, ['a'])
    await soon()
    expect(first.exchanges[0]?.signal.aborted).toBe(true)
    first.exchanges[0]?.notify(notice('too late'))
    next.exchanges[0]?.notify(notice('new'))
    expect(client.heard.map(({ method }) => method)).toEqual(['notifications/resources/updated', 'new'])
    client.cancel.abort()
    expect(next.exchanges[0]?.signal.aborted).toBe(true)
  })

  test('hears nothing from a backend that its client may not subscribe to any more', async () => {
    const client = await subscribed(new Memory('a', URI))
    const next = new Memory('a')
    replace(next)
    await soon()
    first.exchanges[0]?.notify(notice('secret'))
    expect(client.heard).toEqual([])
    replace(new Memory('a', URI), next)
    await soon()
    expect(client.heard.map(({ method }) => method)).toEqual(['notifications/resources/updated'])
  })

  test('that has ended is not moved', async () => {
    const client = await subscribed(new Memory('a', URI))
    client.cancel.abort()
    const next = new Memory('b', URI)
    replace(next, first, ['a'])
    await soon()
    expect(next.exchanges).toHaveLength(0)
  })

  test('that did not stand the first time fails, and is not moved', async () => {
    first = new Memory('a', URI)
    first.resolve = async () => ({
      item: toolOf('a', URI),
      run: () => Promise.reject(new GatewayError('unavailable', 'not now')),
    })
    gateway = new Switch(first)
    const resolved = await gateway.resolve(ANONYMOUS_CALLER, call, ending.signal)
    await expect(resolved.run(exchange().exchange)).rejects.toThrow('not now')
    const next = new Memory('b', URI)
    replace(next, first, ['a'])
    await soon()
    expect(next.exchanges).toHaveLength(0)
  })
})
