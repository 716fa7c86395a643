import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Exchange, Notice } from '../../../core/call.ts'
import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import { events, memoryGateway, next, type Served, serve } from '../../testing.ts'

let served: Served
let headers: Record<string, string>
/** The subscriptions of the backend, as it sees them. */
let open: { uri: string; exchange: Exchange }[]
let refusal: GatewayError | undefined

beforeEach(async () => {
  served = await serve(memoryGateway())
  open = []
  refusal = undefined
  for (const uri of ['a:1', 'a:2'])
    served.gateway.resource(uri, (exchange) => {
      if (refusal !== undefined) throw refusal
      open.push({ uri, exchange })
      return {}
    })
  headers = await served.session()
})

afterEach(() => served.close())

async function request(method: string, params: object) {
  const reply = await served.post({ jsonrpc: '2.0', id: 1, method, params }, headers)
  return (await reply.json()) as { result?: object; error?: { code: number; message: string } }
}

const subscribe = (uri: string) => request('resources/subscribe', { uri })
const unsubscribe = (uri: string) => request('resources/unsubscribe', { uri })

async function stream() {
  const reply = await fetch(served.url, { headers: { ...headers, accept: 'text/event-stream' } })
  return events(reply)
}

function updated(uri: string, about = uri): void {
  const params = RawObject.of({ uri: about })
  const notice: Notice = { method: 'notifications/resources/updated', params }
  for (const it of open) if (it.uri === uri) it.exchange.notify(notice)
}

const update = (uri: string) => ({ method: 'notifications/resources/updated', params: { uri } })

describe('a session that subscribes', () => {
  it('hears of updates on its stream', async () => {
    const messages = await stream()
    expect((await subscribe('a:1')).result).toEqual({})
    updated('a:1')
    expect(await next(messages)).toMatchObject(update('a:1'))
  })

  it('hears of those that came before it had a stream, of each resource once', async () => {
    await subscribe('a:1')
    await subscribe('a:2')
    for (const uri of ['a:1', 'a:2', 'a:1']) updated(uri)
    updated('a:1', 'a:1/b')
    const messages = await stream()
    const heard = [await next(messages), await next(messages), await next(messages)]
    expect(heard).toMatchObject([update('a:1'), update('a:2'), update('a:1/b')])
    updated('a:2')
    expect(await next(messages)).toMatchObject(update('a:2'))
  })

  it('twice to the same has one subscription', async () => {
    await Promise.all([subscribe('a:1'), subscribe('a:1')])
    await subscribe('a:1')
    expect(open).toHaveLength(1)
  })

  it('to what the backend refuses gets its words, and may try again', async () => {
    refusal = GatewayError.backend({ code: -32602, message: 'tells nobody' })
    const both = await Promise.all([subscribe('a:1'), subscribe('a:1')])
    expect(both.map(({ error }) => error?.message)).toEqual(['tells nobody', 'tells nobody'])
    refusal = undefined
    expect((await subscribe('a:1')).result).toEqual({})
  })

  it('to what is not there, or to nothing, is told so', async () => {
    expect((await subscribe('no:such')).error?.code).toBe(-32602)
    expect((await request('resources/subscribe', { uri: 1 })).error?.code).toBe(-32602)
  })

  it('has no more than a thousand subscriptions', async () => {
    const uris = Array.from({ length: 1_001 }, (_, at) => `many:${at}`)
    for (const uri of uris) served.gateway.resource(uri, () => ({}))
    const replies = []
    for (const uri of uris) replies.push(await subscribe(uri))
    expect(replies.filter(({ result }) => result !== undefined)).toHaveLength(1_000)
    expect(replies.at(-1)?.error?.message).toContain('unsubscribe from one first')
    await unsubscribe('many:0')
    expect((await subscribe('many:1000')).result).toEqual({})
  })
})

describe('a subscription ends', () => {
  it('with unsubscribe, and what was not told yet is not told', async () => {
    await subscribe('a:1')
    await subscribe('a:2')
    updated('a:1')
    updated('a:1', 'a:1/b')
    updated('a:2')
    expect((await unsubscribe('a:1')).result).toEqual({})
    updated('a:1')
    expect(open.map(({ exchange }) => exchange.signal.aborted)).toEqual([true, false])
    expect(await next(await stream())).toMatchObject(update('a:2'))
  })

  it('with the session', async () => {
    await subscribe('a:1')
    await fetch(served.url, { method: 'DELETE', headers })
    expect(open[0]?.exchange.signal.aborted).toBe(true)
  })

  it('where there is none as well', async () => {
    expect((await unsubscribe('a:1')).result).toEqual({})
  })
})
