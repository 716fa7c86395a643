import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Exchange } from '../../../core/call.ts'
import { ANONYMOUS } from '../../../core/caller.ts'
import { RawObject } from '../../../core/raw.ts'
import { memoryGateway, type Served, serve, text } from '../../testing.ts'
import { EventReader, type WireEvent } from './testing.ts'

let served: Served
let headers: Record<string, string>
/** Of the calls under way, by name: what each may still do. */
let calls: Map<string, { exchange: Exchange; finish: () => void }>

const ACCEPT = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }

beforeEach(async () => {
  calls = new Map()
  served = await serve(memoryGateway(), {
    authenticate: (request) => ({ ...ANONYMOUS, subject: request.headers.authorization ?? 'alice' }),
  })
  for (const name of ['one', 'two']) {
    served.gateway.tool(name, (exchange) => {
      const done = new Promise<void>((finish) => calls.set(name, { exchange, finish }))
      progress(exchange, 0)
      return done.then(() => text(`${name} is done`))
    })
  }
  headers = await served.session({ capabilities: { elicitation: {} } })
})

afterEach(() => served.close())

function progress(exchange: Exchange | undefined, done: number): void {
  exchange?.notify({ method: 'notifications/progress', params: RawObject.of({ progress: done }) })
}

const tell = (name: string, done: number) => progress(calls.get(name)?.exchange, done)

async function call(name: string, id: unknown = name): Promise<EventReader> {
  const params = { name, _meta: { progressToken: name } }
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })
  return EventReader.open(served.url, { method: 'POST', headers: { ...ACCEPT, ...headers }, body })
}

function get(lastEventId?: string, more: Record<string, string> = {}): Promise<EventReader> {
  const last = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  return EventReader.open(served.url, {
    headers: { accept: 'text/event-stream', ...headers, ...last, ...more },
  })
}

/** Progress as its number, the result as its text, and a method as its name. */
function saying({ message }: WireEvent): unknown {
  const { params, result, method } = (message ?? {}) as {
    params?: { progress?: number }
    result?: { content: { text: string }[] }
    method?: string
  }
  return params?.progress ?? result?.content[0]?.text ?? method
}

const sayings = (events: WireEvent[]) =>
  events.filter(({ message }) => message !== undefined).map((event) => saying(event))

const isProgress = (done: number) => (message: Record<string, unknown>) =>
  (message['params'] as { progress?: number } | undefined)?.progress === done

/** Reads as far as a progress, breaks, and returns the id of the last event. */
async function breakAfter(reader: EventReader, done: number): Promise<string> {
  const events = await reader.until(isProgress(done))
  reader.cut()
  return events.at(-1)?.id as string
}

describe('the answer stream of a call', () => {
  it('begins with an id and a time to wait, and every event on it has an id of its own', async () => {
    const reader = await call('one')
    const first = await reader.next()
    expect(first).toMatchObject({ id: expect.any(String), retry: '1000', message: undefined })
    tell('one', 1)
    calls.get('one')?.finish()
    const events = await reader.rest()
    expect(sayings(events)).toEqual([0, 1, 'one is done'])
    expect(new Set([first, ...events].map(({ id }) => id)).size).toBe(4)
  })

  it.each(['2025-03-26', '2025-06-18'])(
    'has ids but no event without data for clients of %s',
    async (version) => {
      headers = await served.session({ protocolVersion: version })
      const reader = await call('one')
      calls.get('one')?.finish()
      const events = await reader.rest()
      expect(events.every(({ id, message }) => id !== undefined && message !== undefined)).toBe(true)
      expect(sayings(events)).toEqual([0, 'one is done'])
    },
  )

  it('goes on where it broke, and then live to its end', async () => {
    const last = await breakAfter(await call('one'), 0)
    tell('one', 1)
    tell('one', 2)
    const resumed = await get(last)
    expect(sayings(await resumed.until(isProgress(2)))).toEqual([1, 2])
    tell('one', 3)
    calls.get('one')?.finish()
    expect(sayings(await resumed.rest())).toEqual([3, 'one is done'])
  })

  it('may break again and again, and at its very beginning', async () => {
    const first = await call('one')
    const { id } = await first.next()
    first.cut()
    const second = await get(id)
    const last = await breakAfter(second, 0)
    const third = await get(last)
    tell('one', 1)
    const later = await breakAfter(third, 1)
    calls.get('one')?.finish()
    expect(sayings(await (await get(later)).rest())).toEqual(['one is done'])
  })

  it('sends again what was lost on the way of a connection that seemed to hold', async () => {
    const reader = await call('one')
    const [seen] = await reader.until(isProgress(0))
    tell('one', 1)
    calls.get('one')?.finish()
    await reader.rest()
    expect(sayings(await (await get(seen?.id)).rest())).toEqual([1, 'one is done'])
  })

  it('brings the answer to a client that comes back after the end of the call', async () => {
    const last = await breakAfter(await call('one'), 0)
    calls.get('one')?.finish()
    const resumed = await get(last)
    expect(sayings(await resumed.rest())).toEqual(['one is done'])
  })

  it('brings only what is its own', async () => {
    const [one, two] = [await call('one'), await call('two')]
    const [lastOfOne, lastOfTwo] = [await breakAfter(one, 0), await breakAfter(two, 0)]
    served.gateway.changed('tools')
    for (const [name, done] of [
      ['one', 1],
      ['two', 10],
    ] as const) {
      tell(name, done)
      calls.get(name)?.finish()
    }
    expect(sayings(await (await get(lastOfTwo)).rest())).toEqual([10, 'two is done'])
    expect(sayings(await (await get(lastOfOne)).rest())).toEqual([1, 'one is done'])
  })

  it('keeps a question until the client is back, and the call goes on with the answer', async () => {
    served.gateway.tool('asks', async (exchange) => {
      progress(exchange, 0)
      await new Promise<void>((finish) => calls.set('asks', { exchange, finish }))
      const params = RawObject.of({ message: 'name?' })
      return text((await exchange.ask({ method: 'elicitation/create', params })).toString())
    })
    const last = await breakAfter(await call('asks'), 0)
    calls.get('asks')?.finish()
    const resumed = await get(last)
    const [asked] = await resumed.until(({ method }) => method === 'elicitation/create')
    const { id } = asked?.message ?? {}
    expect((await served.post({ jsonrpc: '2.0', id, result: { action: 'decline' } }, headers)).status).toBe(
      202,
    )
    expect(sayings(await resumed.rest())).toEqual(['{"action":"decline"}'])
  })

  it('keeps the latest of what is more than a session may keep, the answer included', async () => {
    const last = await breakAfter(await call('one'), 0)
    for (let done = 1; done <= 1_500; done++) tell('one', done)
    calls.get('one')?.finish()
    const told = sayings(await (await get(last)).rest())
    expect(told).toHaveLength(1_000)
    expect(told.slice(-2)).toEqual([1_500, 'one is done'])
  })
})

describe('an id', () => {
  const delivered = async () => {
    const reader = await call('one')
    calls.get('one')?.finish()
    return (await reader.rest()).at(-1)?.id as string
  }

  it('after which nothing comes is refused, and the stream of the session stays', async () => {
    const stream = await get()
    await stream.next()
    const reply = await get(await delivered())
    expect([reply.status, reply.reply.headers.get('allow')]).toEqual([405, 'POST, DELETE'])
    served.gateway.changed('tools')
    expect(saying(await stream.next())).toBe('notifications/tools/list_changed')
  })

  it('of another session, or of another client, brings nothing', async () => {
    const last = await breakAfter(await call('one'), 0)
    calls.get('one')?.finish()
    const own = headers
    expect((await get(last, { authorization: 'mallory' })).status).toBe(404)
    headers = await served.session()
    expect((await get(last)).status).toBe(405)
    headers = own
    expect(sayings(await (await get(last)).rest())).toEqual(['one is done'])
  })

  it('that was never given out is refused', async () => {
    const last = await breakAfter(await call('one'), 0)
    expect((await get(last.replace(/\d+$/, '99'))).status).toBe(405)
    expect((await get(last.replace(/^a.../, 'aAAA'))).status).toBe(405)
  })

  it('that is not one of ours is as good as none', async () => {
    for (const foreign of ['42', 'stream-1_7', `${'x'.repeat(500)}`]) {
      const stream = await get(foreign)
      expect(stream.status).toBe(200)
      expect((await stream.next()).retry).toBe('1000')
      stream.cut()
    }
  })

  it('is not found once its session has ended', async () => {
    const last = await breakAfter(await call('one'), 0)
    await fetch(served.url, { method: 'DELETE', headers })
    expect((await get(last)).status).toBe(404)
  })
})

describe('the stream of a session', () => {
  const change = (kind: string) => `notifications/${kind}/list_changed`
  const begin = async () => {
    const stream = await get()
    const { id } = await stream.next()
    return { stream, id: id as string }
  }

  it('tells a client that comes back what it missed, once, and goes on', async () => {
    const { stream } = await begin()
    served.gateway.changed('tools')
    const { id } = await stream.next()
    stream.cut()
    served.gateway.changed('prompts')
    const second = await get(id)
    expect(sayings(await second.until(({ method }) => method === change('prompts')))).toEqual([
      change('prompts'),
    ])
    served.gateway.changed('resources')
    expect(saying(await second.next())).toBe(change('resources'))
  })

  it('goes on for a client that saw nothing but its beginning', async () => {
    const { stream, id } = await begin()
    stream.cut()
    served.gateway.changed('tools')
    const second = await get(id)
    await second.next()
    expect(saying(await second.next())).toBe(change('tools'))
  })

  it('tells of everything where more was missed than is kept', async () => {
    const { stream, id } = await begin()
    stream.cut()
    served.gateway.changed('tools')
    const busy = await call('one')
    for (let done = 1; done <= 1_000; done++) tell('one', done)
    await busy.until(isProgress(1_000))
    const second = await get(id)
    const told = sayings(await second.until(({ method }) => method === change('resources')))
    expect(told).toEqual([change('tools'), change('prompts'), change('resources')])
  })

  it('tells of everything when a client opens it anew without an id', async () => {
    const { stream } = await begin()
    stream.cut()
    const { stream: second } = await begin()
    expect([saying(await second.next()), saying(await second.next()), saying(await second.next())]).toEqual([
      change('tools'),
      change('prompts'),
      change('resources'),
    ])
  })

  it('that another one has replaced does not come back', async () => {
    const { stream, id } = await begin()
    const { stream: second } = await begin()
    expect(await stream.rest()).toEqual([])
    expect((await get(id)).status).toBe(405)
    await second.until(({ method }) => method === change('resources'))
    served.gateway.changed('tools')
    expect(saying(await second.next())).toBe(change('tools'))
  })

  it('keeps a question that belongs to no call until the client is back', async () => {
    const { stream, id } = await begin()
    stream.cut()
    const answer = new Promise<RawObject>((resolve, reject) => {
      const ask = { method: 'elicitation/create', params: RawObject.of({ message: 'name?' }) } as const
      served.gateway.says({
        backend: 'memory',
        kind: 'ask',
        ask,
        reply: (given) => void given.then(resolve, reject),
      })
    })
    const second = await get(id)
    const [asked] = await second.until(({ method }) => method === 'elicitation/create')
    await served.post({ jsonrpc: '2.0', id: asked?.message?.['id'], result: { action: 'accept' } }, headers)
    expect((await answer).toString()).toBe('{"action":"accept"}')
  })

  it('tells of a resource that changed meanwhile, once', async () => {
    let subscription: Exchange | undefined
    served.gateway.resource('memo://a', (exchange) => {
      subscription = exchange
      return {}
    })
    await served.post(
      { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: 'memo://a' } },
      headers,
    )
    const { stream, id } = await begin()
    stream.cut()
    await sleep(50)
    const method = 'notifications/resources/updated'
    subscription?.notify({ method, params: RawObject.of({ uri: 'memo://a' }) })
    const second = await get(id)
    await second.until((message) => message['method'] === method)
    served.gateway.changed('tools')
    expect(saying(await second.next())).toBe(change('tools'))
  })
})
