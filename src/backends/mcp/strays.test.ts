import { describe, expect, it } from 'vitest'
import type { Aside } from '../../core/gateway.ts'
import { RawObject } from '../../core/raw.ts'
import { exchange, type RecordedExchange, recordedLog } from '../testing.ts'
import { Questions } from './ask.ts'
import type { Channel } from './channel.ts'
import { type Base, Flight } from './flight.ts'
import { decode, type Message } from './message.ts'
import { Roster } from './roster.ts'
import { Strays } from './strays.ts'

/** A wire that takes everything and says nothing. */
const SILENT: Channel = {
  perRequest: false,
  http: undefined,
  nextId: () => 0,
  request: () => ({ drop() {}, header: () => undefined }),
  async send() {},
  attach() {},
  async close() {},
}

function message(value: object | string): Message {
  const text = typeof value === 'string' ? value : JSON.stringify({ jsonrpc: '2.0', ...value })
  return decode(Buffer.from(text)) as Message
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A connection as far as strays see it. `hears`: whether there is somebody for what is said aside. */
function connection({ home = false, hears = true } = {}) {
  const answered: { id: unknown; result?: object; error?: { code: number } }[] = []
  const asides: Aside[] = []
  const told = { changed: 0, updated: [] as unknown[] }
  const flights = new Roster<Flight>()
  const log = recordedLog()
  const base: Base = {
    name: 'b',
    channel: SILENT,
    timeoutMs: 0,
    log,
    questions: new Questions(),
    cancel() {},
    answer: (frame) => answered.push(JSON.parse(frame.toString())),
  }
  const strays = new Strays({
    flights,
    base,
    home,
    log,
    events: {
      changed: () => {
        told.changed++
      },
      updated: ({ params }) => told.updated.push(params.parse()),
      aside(aside) {
        if (hears) asides.push(aside)
        return hears
      },
    },
  })
  const call = (id: number, options: Parameters<typeof exchange>[0] = {}): RecordedExchange => {
    const ex = exchange(options)
    const flight = new Flight(base, ex)
    flights.add(flight)
    void flight.send({ id, body: Buffer.from('{}'), headers: {}, caller: undefined })
    return ex
  }
  const land = () => {
    const flight = flights.all[0] as Flight
    flight.receive(message({ id: flight.id, result: {} }))
    flights.delete(flight)
  }
  const says = (value: object | string) => strays.receive(message(value))
  return { says, call, land, answered, asides, told, log }
}

type Connection = ReturnType<typeof connection>

const ELICIT = { id: 'q', method: 'elicitation/create', params: { message: 'name?' } }
const LOG = { method: 'notifications/message', params: { level: 'info', data: 'x' } }

describe('a question that does not say which call it belongs to', () => {
  it('is for the one call in progress', async () => {
    const { says, call, answered, asides } = connection()
    const ex = call(1, { answer: async () => ({ action: 'decline' }) })
    says(ELICIT)
    await turn()
    expect(ex.asked).toMatchObject([{ method: 'elicitation/create' }])
    expect([answered, asides]).toEqual([[{ jsonrpc: '2.0', id: 'q', result: { action: 'decline' } }], []])
  })

  it('is answered also when that call is over by then', async () => {
    const { says, call, land, answered } = connection()
    let decide = () => {}
    const decision = new Promise<object>((resolve) => {
      decide = () => resolve({ action: 'accept' })
    })
    call(1, { answer: () => decision })
    says(ELICIT)
    land()
    decide()
    await turn()
    expect(answered).toMatchObject([{ id: 'q', result: { action: 'accept' } }])
  })

  it.each([0, 2])('is for the client of the connection where there are %i calls', async (calls) => {
    const { says, call, answered, asides } = connection()
    const exchanges = Array.from({ length: calls }, (_, at) => call(at + 1))
    says(ELICIT)
    expect(exchanges.flatMap(({ asked }) => asked)).toEqual([])
    const [aside] = asides
    if (aside?.kind !== 'ask') throw new Error('it was not asked')
    expect(aside.ask.params.parse()).toEqual({ message: 'name?' })
    aside.reply(Promise.resolve(RawObject.of({ action: 'cancel' })))
    await turn()
    expect(answered).toMatchObject([{ id: 'q', result: { action: 'cancel' } }])
  })

  it.each([0, 2])('is refused on a connection of several clients with %i calls', (calls) => {
    const { says, call, answered } = connection({ home: true, hears: false })
    for (let id = 1; id <= calls; id++) call(id)
    says(ELICIT)
    expect(answered).toMatchObject([{ id: 'q', error: { code: -32601 } }])
  })

  it('for roots is answered with none where no client could have any', () => {
    const { says, answered } = connection({ home: true, hears: false })
    says({ id: 4, method: 'roots/list' })
    expect(answered).toMatchObject([{ id: 4, result: { roots: [] } }])
  })

  it('of an unknown kind is refused, and a ping answered, whoever listens', () => {
    const { says, answered, asides } = connection()
    says({ id: 1, method: 'acme/ask' })
    says({ id: 2, method: 'ping' })
    expect([answered, asides]).toMatchObject([
      [
        { id: 1, error: { code: -32601 } },
        { id: 2, result: {} },
      ],
      [],
    ])
  })
})

describe('a question that the server withdraws', () => {
  const withdraw = { method: 'notifications/cancelled', params: { requestId: 'q' } }

  it('in the course of a call is withdrawn from the client, and gets no answer', async () => {
    const { says, call, answered } = connection()
    const ex = call(1, { answer: () => new Promise(() => {}) })
    says(ELICIT)
    expect(ex.asked[0]?.withdrawn?.aborted).toBe(false)
    says({ ...withdraw, params: { requestId: 'another' } })
    expect(ex.asked[0]?.withdrawn?.aborted).toBe(false)
    says(withdraw)
    expect(ex.asked[0]?.withdrawn?.aborted).toBe(true)
    await turn()
    expect(answered).toEqual([])
  })

  it('outside of a call as well', async () => {
    const { says, answered, asides } = connection()
    says(ELICIT)
    const [aside] = asides
    if (aside?.kind !== 'ask') throw new Error('it was not asked')
    aside.reply(new Promise((_, reject) => aside.ask.withdrawn?.addEventListener('abort', reject)))
    says(withdraw)
    await turn()
    expect(answered).toEqual([])
  })
})

describe('a notification that does not say which call it belongs to', () => {
  it('of the log is for the one call in progress', () => {
    const { says, call, asides } = connection()
    const ex = call(1)
    says(LOG)
    expect([ex.logged, asides]).toEqual([[{ level: 'info', data: 'x' }], []])
  })

  it.each([0, 2])('of the log is for the client of the connection where there are %i calls', (calls) => {
    const { says, call, asides } = connection()
    const exchanges = Array.from({ length: calls }, (_, at) => call(at + 1))
    says(LOG)
    expect(exchanges.flatMap(({ logged }) => logged)).toEqual([])
    expect(asides.map(({ kind }) => kind)).toEqual(['notice'])
  })

  it.each([0, 2])('of the log is dropped on a connection of several clients with %i calls', (calls) => {
    const { says, call, log } = connection({ home: true, hears: false })
    const exchanges = Array.from({ length: calls }, (_, at) => call(at + 1))
    says(LOG)
    expect(exchanges.flatMap(({ logged }) => logged)).toEqual([])
    expect(log.lines).toMatchObject([{ level: 'debug', fields: { method: 'notifications/message' } }])
  })

  it('of progress is for the call whose token it has, and for no other', () => {
    const { says, call, asides } = connection()
    const [one, other] = [call(7), call(8)]
    says({ method: 'notifications/progress', params: { progressToken: 8, progress: 1 } })
    says({ method: 'notifications/progress', params: { progressToken: 9, progress: 1 } })
    expect([one.progressed, other.progressed, asides]).toEqual([[], [{ progressToken: 8, progress: 1 }], []])
  })

  it('of any other kind is for the client of the connection, even during a call', () => {
    const { says, call, asides } = connection()
    const ex = call(1)
    says({ method: 'notifications/elicitation/complete', params: { elicitationId: 'e' } })
    expect(ex.told).toEqual([])
    expect(asides).toMatchObject([{ notice: { method: 'notifications/elicitation/complete' } }])
  })

  it('about a list, a resource or a task goes where those are kept, without what is of this hop', () => {
    const { says, told, asides } = connection()
    const _meta = { 'io.modelcontextprotocol/subscriptionId': 3 }
    says({ method: 'notifications/tools/list_changed' })
    says({ method: 'notifications/resources/updated', params: { uri: 'a:1', _meta } })
    says({ method: 'notifications/tasks', params: { taskId: 't', _meta: { ..._meta, kept: 1 } } })
    says({ method: 'notifications/subscriptions/acknowledged', params: { _meta } })
    expect(told).toEqual({ changed: 1, updated: [{ uri: 'a:1' }, { taskId: 't', _meta: { kept: 1 } }] })
    expect(asides).toEqual([])
  })

  it.each([
    '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":nonsense}}',
    '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":nonsense}}',
    '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":nonsense}}',
  ])('that is no JSON in the middle harms nobody: %s', (text) => {
    const all: Connection = connection()
    all.call(1)
    all.says(text)
    all.says({ method: 'notifications/tools/list_changed' })
    expect(all.told.changed).toBe(1)
  })
})
