import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { events, memoryGateway, next, type Served, serve } from '../../testing.ts'

let served: Served

beforeEach(async () => {
  served = await serve(memoryGateway())
})

afterEach(() => served.close())

async function refusal(reply: Response): Promise<[status: number, code: number | undefined]> {
  const { error } = (await reply.json()) as { error?: { code: number } }
  return [reply.status, error?.code]
}

describe('subscriptions/listen', () => {
  const listen = (id: unknown, notifications: unknown, more: object = {}) =>
    served.modern('subscriptions/listen', { notifications }, { id, ...more })
  const tag = (id: unknown) => ({ _meta: { 'io.modelcontextprotocol/subscriptionId': id } })

  it('acknowledges what it keeps, tells it, tagged, and ends with a result', async () => {
    const wanted = { toolsListChanged: true, promptsListChanged: false, resourceSubscriptions: ['a:b'] }
    const stream = events(await listen('sub', wanted))
    expect(await next(stream)).toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { toolsListChanged: true }, ...tag('sub') },
    })
    served.gateway.changed('prompts')
    served.gateway.changed('tools')
    expect(await next(stream)).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/tools/list_changed',
      params: tag('sub'),
    })
    const closing = served.front.close(1000)
    expect(await next(stream)).toMatchObject({ id: 'sub', result: { resultType: 'complete', ...tag('sub') } })
    await closing
  })

  it('keeps the type of the id', async () => {
    const stream = events(await listen(3, { toolsListChanged: true }))
    expect(await next(stream)).toMatchObject({ params: tag(3) })
    await stream.return(undefined)
  })

  it('acknowledges nothing and ends when there is nothing to keep', async () => {
    const stream = events(await listen(1, { resourceSubscriptions: ['a:b'] }))
    expect(await next(stream)).toMatchObject({ params: { notifications: {} } })
    expect(await next(stream)).toMatchObject({ result: { resultType: 'complete' } })
  })

  it('needs a filter and a stream', async () => {
    expect(await refusal(await listen(1, undefined))).toEqual([400, -32602])
    const headers = { accept: 'application/json' }
    expect(await refusal(await listen(1, { toolsListChanged: true }, { headers }))).toEqual([400, -32600])
  })

  it('is let go when the client hangs up', async () => {
    const hangUp = new AbortController()
    const reply = await listen(1, { toolsListChanged: true }, { signal: hangUp.signal })
    await next(events(reply))
    hangUp.abort()
    await sleep(20)
    const before = Date.now()
    await served.front.close(5_000)
    expect(Date.now() - before).toBeLessThan(1_000)
  })
})
