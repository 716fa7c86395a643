import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Channel, OutgoingRequest, Sink } from '../channel.ts'
import { Failure } from '../failure.ts'
import { decode, type Message } from '../message.ts'
import { Listener } from './listen.ts'

interface Request {
  readonly id: number
  readonly filter: Record<string, unknown>
  readonly sink: Sink
  dropped: boolean
}

/** A wire on which a server of 2026-07-28 can be played. */
class Wire implements Channel {
  readonly perRequest = false
  readonly http = undefined
  readonly requests: Request[] = []

  nextId(): number {
    return this.requests.length + 1
  }

  request({ id, body }: OutgoingRequest, sink: Sink) {
    const { notifications } = JSON.parse(body.toString()).params
    const request: Request = { id, filter: notifications, sink, dropped: false }
    this.requests.push(request)
    const drop = () => {
      request.dropped = true
    }
    return { drop, header: () => undefined }
  }

  async send(): Promise<void> {}
  attach(): void {}
  async close(): Promise<void> {}
}

function message(value: object): Message {
  return decode(Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...value }))) as Message
}

function acknowledged(request: Request, notifications: unknown = request.filter): Message {
  const _meta = { 'io.modelcontextprotocol/subscriptionId': request.id }
  return message({
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications, _meta },
  })
}

/** A listener and what it told: messages, reopenings, requests that were cancelled. */
function listen(capabilities: object = {}) {
  const wire = new Wire()
  const told = { received: [] as string[], reopened: 0, cancelled: [] as number[], unreachable: 0 }
  const listener = new Listener({
    site: { timeoutMs: 10_000 },
    name: 'b',
    channel: wire,
    peer: { info: { name: 't' }, capabilities: {} },
    patron: undefined,
    receive: (it) => told.received.push('method' in it ? it.method : 'response'),
    cancel: (id) => told.cancelled.push(id),
    reopened: () => {
      told.reopened++
    },
    unreachable: () => {
      told.unreachable++
    },
  })
  listener.wantLists(capabilities as Record<string, unknown>)
  const last = () => wire.requests.at(-1) as Request
  /** The server takes what is asked for last. */
  const accept = (notifications?: unknown) => listener.takes(acknowledged(last(), notifications))
  return { wire, told, listener, last, accept }
}

/** How each of these ends: `stands`, or the code of the error. */
function outcomes(...wanted: Promise<void>[]): Promise<string[]> {
  const ends = wanted.map((it) => it.then(() => 'stands').catch(({ code }: { code: string }) => code))
  return Promise.all(ends)
}

const R = 'resourceSubscriptions'
const LISTS = { tools: { listChanged: true }, prompts: { listChanged: false }, resources: {} }
const broken = () => new Failure('broken', 'the event stream ended')

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const pass = (ms = 10) => vi.advanceTimersByTimeAsync(ms)

describe('a connection listens', () => {
  it('for the lists whose changes the server announces, at once; and for nothing where there are none', () => {
    expect(listen(LISTS).wire.requests).toMatchObject([{ filter: { toolsListChanged: true } }])
    expect(listen().wire.requests).toEqual([])
  })

  it('in one request for what is wanted at the same time', async () => {
    const { wire, listener, accept } = listen()
    const both = outcomes(listener.want(R, 'a:1'), listener.want('taskIds', 't'))
    await pass()
    accept()
    expect(await both).toEqual(['stands', 'stands'])
    expect(wire.requests).toMatchObject([{ filter: { [R]: ['a:1'], taskIds: ['t'] } }])
  })

  it('to the old stream until the server has taken the new one, which has all that is wanted', async () => {
    const { wire, told, listener, accept } = listen(LISTS)
    accept()
    const wanted = listener.want(R, 'a:1')
    await pass()
    const [old, fresh] = wire.requests
    expect(fresh?.filter).toEqual({ toolsListChanged: true, [R]: ['a:1'] })
    expect(old?.dropped).toBe(false)
    old?.sink.receive(message({ method: 'notifications/tools/list_changed' }))
    accept()
    await wanted
    expect([old?.dropped, told.cancelled, told.received]).toEqual([
      true,
      [1],
      ['notifications/tools/list_changed'],
    ])
  })

  it('to one new stream at a time: what is wanted meanwhile comes with the next', async () => {
    const { wire, listener, accept } = listen(LISTS)
    accept()
    const first = listener.want(R, 'a:1')
    await pass()
    const second = listener.want(R, 'a:2')
    await pass(1_000)
    expect(wire.requests).toHaveLength(2)
    accept()
    expect(await outcomes(first)).toEqual(['stands'])
    await pass()
    expect(wire.requests[2]?.filter).toMatchObject({ [R]: ['a:1', 'a:2'] })
    accept()
    expect(await outcomes(second)).toEqual(['stands'])
    expect(wire.requests.map(({ dropped }) => dropped)).toEqual([true, true, false])
  })

  it('no more for what is no longer wanted, and not at all when nothing is', async () => {
    const { wire, told, listener, accept } = listen()
    const both = outcomes(listener.want(R, 'a:1'), listener.want(R, 'a:2'))
    await pass()
    accept()
    await both
    listener.unwant(R, 'a:1')
    await pass()
    expect(wire.requests[1]?.filter).toEqual({ [R]: ['a:2'] })
    accept()
    listener.unwant(R, 'a:2')
    await pass(60_000)
    expect([wire.requests.length, told.cancelled]).toEqual([2, [1, 2]])
  })
})

describe('a server', () => {
  it('that takes a part is believed: the rest is refused, and not asked for again', async () => {
    const { wire, listener, accept } = listen()
    const both = outcomes(listener.want(R, 'a:1'), listener.want(R, 'a:2'))
    await pass()
    accept({ [R]: ['a:2'] })
    expect(await both).toEqual(['invalid_params', 'stands'])
    await pass()
    expect(wire.requests[1]?.filter).toEqual({ [R]: ['a:2'] })
  })

  it.each([
    ['nothing', {}],
    ['something else', { [R]: 'a:1' }],
    ['no object', null],
  ])('that acknowledges %s refuses', async (_, notifications) => {
    const { listener, last } = listen()
    const wanted = outcomes(listener.want(R, 'a:1'))
    await pass()
    listener.takes(acknowledged(last(), notifications))
    expect(await wanted).toEqual(['invalid_params'])
  })

  it('that answers by an error refuses, and what stood goes on standing', async () => {
    const { wire, listener, last, accept } = listen()
    const first = listener.want(R, 'a:1')
    await pass()
    accept()
    await first
    const second = outcomes(listener.want(R, 'a:2'))
    await pass()
    last().sink.receive(message({ id: 2, error: { code: -32603, message: 'too many' } }))
    expect(await second).toEqual(['backend'])
    expect(wire.requests[0]?.dropped).toBe(false)
  })

  it('that keeps silent refuses; for lists it is listened to all the same', async () => {
    const { wire, told, listener } = listen(LISTS)
    const wanted = outcomes(listener.want(R, 'a:1'))
    await pass(21_000)
    expect(await wanted).toEqual(['timeout'])
    expect(wire.requests[0]?.dropped).toBe(false)
    wire.requests[0]?.sink.receive(message({ method: 'notifications/tools/list_changed' }))
    expect(told.received).toEqual(['notifications/tools/list_changed'])
  })

  it('cannot take what another request asked for', async () => {
    const { told, listener, last, accept } = listen()
    const wanted = outcomes(listener.want(R, 'a:1'))
    await pass()
    expect(listener.takes(acknowledged({ ...last(), id: 99 }))).toBe(true)
    accept()
    expect(await wanted).toEqual(['stands'])
    expect(told.cancelled).toEqual([])
  })
})

describe('a stream that breaks', () => {
  const standing = async () => {
    const all = listen(LISTS)
    all.accept()
    const wanted = all.listener.want(R, 'a:1')
    await pass()
    all.accept()
    await wanted
    return all
  }

  it('is opened again for all that is wanted, and what may have been missed is told once it stands', async () => {
    const { wire, told, last, accept } = await standing()
    last().sink.fail(broken())
    await pass(1_000)
    expect([wire.requests.length, told.reopened]).toEqual([3, 0])
    expect(last().filter).toEqual({ toolsListChanged: true, [R]: ['a:1'] })
    accept()
    expect(told.reopened).toBe(1)
  })

  it('is opened again as well when the server ends it properly', async () => {
    const { told, last, accept } = await standing()
    last().sink.receive(message({ id: last().id, result: { resultType: 'complete' } }))
    await pass(1_000)
    accept()
    expect(told.reopened).toBe(1)
  })

  it('again and again is opened later and later, also when the server answers by errors', async () => {
    const { wire, told, last } = await standing()
    last().sink.fail(broken())
    await pass(1_000)
    last().sink.fail(broken())
    await pass(1_000)
    expect(wire.requests).toHaveLength(3)
    await pass(1_000)
    last().sink.receive(message({ id: last().id, error: { code: -32603, message: 'not yet' } }))
    await pass(4_000)
    expect([wire.requests.length, told.reopened]).toEqual([5, 0])
  })

  it('before the server has taken it refuses those who wait for it', async () => {
    const { listener, last } = await standing()
    const wanted = outcomes(listener.want(R, 'a:2'))
    await pass()
    last().sink.fail(broken())
    expect(await wanted).toEqual(['unavailable'])
  })

  it('and was replaced already is of no interest', async () => {
    const { wire, told } = await standing()
    wire.requests[0]?.sink.fail(broken())
    await pass(60_000)
    expect([wire.requests.length, told.reopened]).toEqual([2, 0])
  })

  it('because nobody is there any more says so', async () => {
    const { told, last } = await standing()
    last().sink.fail(new Failure('unsent', 'connection refused'))
    expect(told.unreachable).toBe(1)
  })
})

describe('a connection that is closed', () => {
  it('refuses whoever waits or comes, and opens nothing any more', async () => {
    const { wire, listener, last } = listen(LISTS)
    const waiting = outcomes(listener.want(R, 'a:1'))
    await pass()
    listener.stop()
    expect(await waiting).toEqual(['timeout'])
    expect(await outcomes(listener.want(R, 'a:2'))).toEqual(['timeout'])
    last().sink.fail(broken())
    await pass(60_000)
    expect(wire.requests.map(({ dropped }) => dropped)).toEqual([true])
  })
})
