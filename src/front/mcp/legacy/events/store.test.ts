import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ANONYMOUS } from '../../../../core/caller.ts'
import { EventReply } from '../../../http/event-reply.ts'
import { Heartbeat } from '../../../http/heartbeat.ts'
import { Session } from '../session.ts'
import { EVENT_OVERHEAD, type EventLimits } from './limits.ts'
import { EventStore } from './store.ts'
import type { ResumableStream } from './stream.ts'

const LIMITS: EventLimits = {
  sessionEvents: 100,
  sessionBytes: 1_000_000,
  totalBytes: 2_000_000,
  sweepMs: 60_000,
}
/** An event of these takes so many bytes in all. */
const SIZE = 1_000

let count = 0
const stops: (() => void)[] = []

afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

function storeOf(limits: Partial<EventLimits> = {}): EventStore {
  return new EventStore({ ...LIMITS, ...limits })
}

function newSession(version = '2025-11-25'): Session {
  const id = `session-${++count}`
  const client = { name: 't', version: '1' }
  return new Session(
    id,
    {
      principal: ANONYMOUS,
      era: 'legacy',
      version,
      client,
      capabilities: {},
      logLevel: undefined,
      headers: {},
      session: id,
    },
    Buffer.alloc(32),
  )
}

/** A frame of the size that counts, which says something. */
function frame(says: string, size = SIZE) {
  return [Buffer.from(JSON.stringify(says).padEnd(size - EVENT_OVERHEAD))]
}

/** What a client is sent that comes back to a stream which is over. */
async function replay(stream: ResumableStream, place = 0): Promise<string[]> {
  const server = createServer(
    (_, res) => void stream.connect(new EventReply(res, new Heartbeat(60_000)), place),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => server.close())
  const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const data = (await reply.text()).split('\n').filter((line) => line.startsWith('data: "'))
  return data.map((line) => JSON.parse(line.slice(6)) as string)
}

const known = (store: EventStore, session: Session, { name }: ResumableStream) =>
  store.find(session, { kind: 'answer', name, place: 0 }) !== undefined

describe('what is kept', () => {
  it('of a session is bounded by number, the oldest going first', async () => {
    const store = storeOf({ sessionEvents: 3 })
    const stream = store.open(newSession(), 'answer')
    for (const says of ['a', 'b', 'c', 'd']) stream.send(frame(says), false)
    stream.reply(frame('e'))
    expect(await replay(stream)).toEqual(['c', 'd', 'e'])
  })

  it('of a session is bounded by bytes, on all its streams together', async () => {
    const store = storeOf({ sessionBytes: 3 * SIZE })
    const session = newSession()
    const [one, two] = [store.open(session, 'answer'), store.open(session, 'answer')]
    one.send(frame('a'), false)
    two.send(frame('b'), false)
    one.reply(frame('c'))
    two.reply(frame('d'))
    expect(store.bytes).toBe(3 * SIZE)
    expect([await replay(one), await replay(two)]).toEqual([['c'], ['b', 'd']])
  })

  it('of all sessions is bounded by bytes, the one that was silent longest losing first', async () => {
    const store = storeOf({ totalBytes: 4 * SIZE })
    const [early, late] = [store.open(newSession(), 'answer'), store.open(newSession(), 'answer')]
    for (const says of ['a', 'b']) early.send(frame(says), false)
    for (const says of ['c', 'd', 'e']) late.send(frame(says), false)
    early.reply(frame('f'))
    late.reply(frame('g'))
    expect(store.bytes).toBe(4 * SIZE)
    expect([await replay(early), await replay(late)]).toEqual([['f'], ['d', 'e', 'g']])
  })

  it('does not include an event that is larger than all that a session may keep', async () => {
    const store = storeOf({ sessionBytes: 2 * SIZE })
    const stream = store.open(newSession(), 'answer')
    stream.send(frame('a'), false)
    stream.reply(frame('b', 2 * SIZE + 1))
    expect(await replay(stream)).toEqual(['a'])
  })

  it('is a copy, which holds on to nothing else', async () => {
    const store = storeOf()
    const stream = store.open(newSession(), 'answer')
    const bytes = Buffer.from('"before"')
    stream.reply([bytes])
    bytes.write('"after "')
    expect(await replay(stream)).toEqual(['before'])
  })

  it('is nothing once a stream is over of which nothing is left', () => {
    const store = storeOf({ sessionEvents: 1 })
    const session = newSession()
    const [one, two] = [store.open(session, 'answer'), store.open(session, 'answer')]
    one.reply(frame('a'))
    expect(known(store, session, one)).toBe(true)
    two.reply(frame('b'))
    expect([known(store, session, one), known(store, session, two)]).toEqual([false, true])
  })

  it('goes with its session', () => {
    const store = storeOf()
    const session = newSession()
    const [answer, own] = [store.open(session, 'answer'), store.open(session, 'session')]
    let ended = 0
    own.onEnd = () => ended++
    answer.send(frame('a'), false)
    own.send(frame('b'), false)
    store.forget(session.id)
    answer.reply(frame('c'))
    expect([store.bytes, store.size, ended]).toEqual([0, 0, 1])
  })
})

describe('in time', () => {
  it('forgets the streams that are over, and is empty in the end', async () => {
    const store = storeOf({ sweepMs: 20 })
    const session = newSession()
    const stream = store.open(session, 'answer')
    stream.reply(frame('a'))
    expect(known(store, session, stream)).toBe(true)
    await expect.poll(() => [store.bytes, store.size]).toEqual([0, 0])
  })

  it('keeps the stream of a call that is under way, whether its client is there or not', async () => {
    const store = storeOf({ sweepMs: 10 })
    const [session, other] = [newSession(), newSession()]
    const stream = store.open(session, 'answer')
    stream.send(frame('a'), false)
    for (let round = 0; round < 3; round++) {
      store.open(other, 'answer').reply(frame('b'))
      await expect.poll(() => store.bytes).toBe(SIZE)
    }
    stream.reply(frame('c'))
    expect(await replay(stream)).toEqual(['a', 'c'])
  })

  it('ends the stream of a session whose client stays away', async () => {
    const store = storeOf({ sweepMs: 10 })
    const stream = store.open(newSession(), 'session')
    let ended = 0
    stream.onEnd = () => ended++
    stream.send(frame('a'), false)
    await expect.poll(() => [ended, store.bytes, store.size]).toEqual([1, 0, 0])
  })
})
