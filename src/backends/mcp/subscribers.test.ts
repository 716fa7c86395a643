import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RawObject } from '../../core/raw.ts'
import { exchange } from '../testing.ts'
import { Subscribers } from './subscribers.ts'
import { resourceUpdated } from './updated.ts'

/** A server that takes note of what it is told, and answers when `settle` is called. */
function server() {
  const told: string[] = []
  const answers: { resolve: () => void; reject: (error: Error) => void }[] = []
  const answer = (what: string) => {
    told.push(what)
    return new Promise<void>((resolve, reject) => answers.push({ resolve, reject }))
  }
  const subscribers = new Subscribers({
    begin: (key) => answer(`+${key}`),
    end: (key) => answer(`-${key}`),
  })
  const settle = async (error?: Error) => {
    await turn()
    const next = answers.shift()
    if (error === undefined) next?.resolve()
    else next?.reject(error)
    await turn()
  }
  const member = () => {
    const stop = new AbortController()
    return { ...client(stop.signal), leave: () => stop.abort() }
  }
  return { told, subscribers, settle, member }
}

function client(signal: AbortSignal) {
  const it = exchange({ signal })
  const uris = () => it.told.map(({ params }) => params.value('uri') ?? params.value('taskId'))
  return { it, uris }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('those who subscribe to the same resource on one connection', () => {
  it('are one subscription at the server, until the last one leaves', async () => {
    const { told, subscribers, settle, member } = server()
    const [one, other] = [member(), member()]
    const both = Promise.all([subscribers.add('a:1', one.it), subscribers.add('a:1', other.it)])
    expect(subscribers.keys).toEqual([])
    await settle()
    await both
    expect([told, subscribers.keys]).toEqual([['+a:1'], ['a:1']])
    subscribers.tell(resourceUpdated('a:1'))
    one.leave()
    await turn()
    subscribers.tell(resourceUpdated('a:1'))
    expect([one.uris(), other.uris()]).toEqual([['a:1'], ['a:1', 'a:1']])
    expect(told).toEqual(['+a:1'])
    other.leave()
    await turn()
    expect(told).toEqual(['+a:1', '-a:1'])
  })

  it('are all refused where the server refuses, which is then not told of an end', async () => {
    const { told, subscribers, settle, member } = server()
    const both = Promise.allSettled([
      subscribers.add('a:1', member().it),
      subscribers.add('a:1', member().it),
    ])
    await settle(new Error('no'))
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(told).toEqual(['+a:1'])
    expect(subscribers.keys).toEqual([])
  })
})

describe('the server', () => {
  it('is told of the end after the beginning, and of a new beginning after the end', async () => {
    const { told, subscribers, settle, member } = server()
    const [hasty, next] = [member(), member()]
    const first = subscribers.add('a:1', hasty.it)
    hasty.leave()
    const second = subscribers.add('a:1', next.it)
    await turn()
    expect(told).toEqual(['+a:1'])
    await settle()
    expect(told).toEqual(['+a:1', '-a:1'])
    await settle()
    expect(told).toEqual(['+a:1', '-a:1', '+a:1'])
    await settle()
    await Promise.all([first, second])
    subscribers.tell(resourceUpdated('a:1'))
    expect([hasty.uris(), next.uris()]).toEqual([[], ['a:1']])
  })

  it('is told anew when it has forgotten, and of the end after that', async () => {
    const { told, subscribers, settle, member } = server()
    const one = member()
    const adding = subscribers.add('a:1', one.it)
    await settle()
    await adding
    const again = subscribers.again('a:1')
    one.leave()
    await turn()
    expect(told).toEqual(['+a:1', '+a:1'])
    await settle()
    await again
    expect(told).toEqual(['+a:1', '+a:1', '-a:1'])
    await subscribers.again('a:nobody')
    expect(told).toHaveLength(3)
  })

  it('is not told of a subscription that was cancelled before', async () => {
    const { told, subscribers, member } = server()
    const one = member()
    one.leave()
    expect(subscribers.keys).toEqual([])
    await expect(subscribers.add('a:1', one.it)).rejects.toMatchObject({ code: 'cancelled' })
    expect(told).toEqual([])
  })
})

describe('an update', () => {
  const standing = async (...keys: string[]) => {
    const subscribers = new Subscribers({ begin: async () => {}, end() {} })
    const stop = new AbortController()
    const clients = keys.map(() => client(stop.signal))
    await Promise.all(keys.map((key, at) => subscribers.add(key, clients[at]?.it ?? exchange())))
    return { subscribers, clients, stop }
  }

  it('of a resource within another reaches those who subscribed to that, and nobody else', async () => {
    const { subscribers, clients } = await standing('file:///a', 'file:///a/', 'file:///ab', 'file:///a/b/c')
    subscribers.tell(resourceUpdated('file:///a/b'))
    expect(clients.map(({ uris }) => uris())).toEqual([['file:///a/b'], ['file:///a/b'], [], []])
  })

  it('of a task reaches those who subscribed to exactly that', async () => {
    const { subscribers, clients } = await standing('t', 't/1')
    subscribers.tell({ method: 'notifications/tasks', params: RawObject.of({ taskId: 't/1' }) })
    expect(clients.map(({ uris }) => uris())).toEqual([[], ['t/1']])
  })

  it('that names nothing reaches nobody', async () => {
    const { subscribers, clients } = await standing('t')
    subscribers.tell({ method: 'notifications/resources/updated', params: RawObject.of({ uri: 1 }) })
    expect(clients[0]?.uris()).toEqual([])
  })

  it('reaches nobody once the connection is closed, and nothing is left of it', async () => {
    const { told, subscribers, settle, member } = server()
    const one = member()
    const adding = subscribers.add('a:1', one.it)
    await settle()
    await adding
    subscribers.close()
    subscribers.tell(resourceUpdated('a:1'))
    one.leave()
    await turn()
    expect([one.uris(), told, subscribers.keys]).toEqual([[], ['+a:1'], []])
  })
})

describe('whoever has subscribed', () => {
  const part = fc.constantFrom('a', 'b', ':', '/', '//', '?x=/')
  const uri = fc.oneof(
    fc.array(part, { maxLength: 8 }),
    // Deeper than is looked up place by place.
    fc.array(part, { minLength: 100, maxLength: 130 }),
  )
  const uris = uri.map((parts) => parts.join(''))
  /** What may lie within one another: beginnings of the same URI. */
  const beginnings = fc
    .tuple(uris, fc.array(fc.nat({ max: 140 }), { maxLength: 6 }))
    .map(([whole, ends]) => ({ whole, keys: [...new Set(ends.map((end) => whole.slice(0, end)))] }))

  it('hears of its resource and of those within, and of no other', () => {
    fc.assert(
      fc.property(beginnings, uris, ({ whole, keys }, stranger) => {
        const { subscribers, member } = server()
        const members = [...keys, stranger].map((key) => ({ key, ...member() }))
        for (const { key, it } of members) void subscribers.add(key, it)
        subscribers.tell(resourceUpdated(whole))
        const told = members.filter(({ uris }) => uris().length > 0).map(({ key }) => key)
        const parent = (key: string) => (key.endsWith('/') ? key : `${key}/`)
        const concerned = members.filter(({ key }) => whole === key || whole.startsWith(parent(key)))
        expect(told).toEqual(concerned.map(({ key }) => key))
      }),
    )
  })
})
