import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Exchange } from '../../../core/call.ts'
import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import { events, memoryGateway, next, type Served, serve } from '../../testing.ts'

let served: Served
let open: Exchange[]

beforeEach(async () => {
  open = []
  served = await serve(memoryGateway())
  served.gateway.resource('good:1', (exchange) => {
    open.push(exchange)
    return {}
  })
  served.gateway.resource('bad:1', () => {
    throw new GatewayError('invalid_params', 'tells nobody of updates')
  })
})

afterEach(async () => {
  vi.useRealTimers()
  await served.close()
})

const listen = (notifications: object, id: unknown = 1, signal?: AbortSignal) =>
  served.modern('subscriptions/listen', { notifications }, { id, ...(signal && { signal }) })

function tell(exchange: Exchange | undefined, params: object): void {
  exchange?.notify({ method: 'notifications/resources/updated', params: RawObject.of(params) })
}

const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId'
const acknowledged = (notifications: object, id: unknown = 1) => ({
  jsonrpc: '2.0',
  method: 'notifications/subscriptions/acknowledged',
  params: { notifications, _meta: { [SUBSCRIPTION]: id } },
})

describe('what is acknowledged', () => {
  it('is what stands, and nothing else', async () => {
    const wanted = ['bad:1', 'good:1', 'no:such', 'good:1']
    const stream = events(await listen({ resourceSubscriptions: wanted, taskIds: ['no-such'] }))
    expect(await next(stream)).toEqual(acknowledged({ resourceSubscriptions: ['good:1'] }))
  })

  it('does not wait for ever for a backend, which then need not tell any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let late: Exchange | undefined
    served.gateway.resource('late:1', (exchange) => {
      late = exchange
      return new Promise(() => {})
    })
    const reply = listen({ resourceSubscriptions: ['late:1', 'good:1'], toolsListChanged: true })
    await vi.waitFor(() => expect(late).toBeDefined())
    tell(late, { uri: 'late:1' })
    await vi.advanceTimersByTimeAsync(5_000)
    vi.useRealTimers()
    const stream = events(await reply)
    expect(await next(stream)).toEqual(
      acknowledged({ toolsListChanged: true, resourceSubscriptions: ['good:1'] }),
    )
    expect(late?.signal.aborted).toBe(true)
    tell(late, { uri: 'late:1' })
    tell(open[0], { uri: 'good:1' })
    expect(await next(stream)).toMatchObject({ params: { uri: 'good:1' } })
  })

  it('comes before all that is told, of which each thing is told once', async () => {
    served.gateway.resource('hasty:1', (exchange) => {
      for (const uri of ['hasty:1', 'hasty:1', 'hasty:1/a']) tell(exchange, { uri })
      return {}
    })
    const stream = events(await listen({ resourceSubscriptions: ['hasty:1'] }))
    expect(await next(stream)).toMatchObject({ method: 'notifications/subscriptions/acknowledged' })
    expect(await next(stream)).toMatchObject({ params: { uri: 'hasty:1' } })
    expect(await next(stream)).toMatchObject({ params: { uri: 'hasty:1/a' } })
  })

  it('is bounded', async () => {
    const many = Array.from({ length: 1_001 }, (_, at) => `a:${at}`)
    for (const resourceSubscriptions of [many, 'a:1', [1], { 0: 'a:1' }]) {
      const reply = await listen({ resourceSubscriptions })
      expect([reply.status, ((await reply.json()) as { error: { code: number } }).error.code]).toEqual([
        400, -32602,
      ])
    }
  })
})

describe('an update', () => {
  it.each(['sub-1', 7])(
    'has the client’s own subscription id, %j, and all that the backend said',
    async (id) => {
      const stream = events(await listen({ resourceSubscriptions: ['good:1'] }, id))
      await next(stream)
      tell(open[0], { uri: 'good:1', title: 'new', _meta: { 'acme/key': 1 } })
      expect(await next(stream)).toEqual({
        jsonrpc: '2.0',
        method: 'notifications/resources/updated',
        params: { uri: 'good:1', title: 'new', _meta: { 'acme/key': 1, [SUBSCRIPTION]: id } },
      })
    },
  )
})

describe('a subscription ends', () => {
  it('when its client hangs up', async () => {
    const hangUp = new AbortController()
    const reply = await listen({ resourceSubscriptions: ['good:1'] }, 1, hangUp.signal)
    await next(events(reply))
    expect(open[0]?.signal.aborted).toBe(false)
    hangUp.abort()
    await vi.waitFor(() => expect(open[0]?.signal.aborted).toBe(true))
  })

  it('when the server closes, with a result', async () => {
    const stream = events(await listen({ resourceSubscriptions: ['good:1'] }, 'last'))
    await next(stream)
    const closing = served.front.close(1_000)
    expect(await next(stream)).toMatchObject({ id: 'last', result: { _meta: { [SUBSCRIPTION]: 'last' } } })
    await closing
    expect(open[0]?.signal.aborted).toBe(true)
  })
})
