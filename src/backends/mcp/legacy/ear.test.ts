import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../../../test/fixtures/closed.ts'
import type { Call } from '../../../core/call.ts'
import type { Item } from '../../../core/catalog.ts'
import { RawObject } from '../../../core/raw.ts'
import {
  exchange,
  handMade,
  httpConfig,
  type JsonRpc,
  legacyBasics,
  legacyCaller,
  modernCaller,
  Stage,
  toolCall,
  until,
} from '../../testing.ts'

const stage = closedAfterEach(new Stage())

/** A server with sessions and a stream of its own. `accept` answers a GET. */
async function start(accept: (res: ServerResponse) => void = open) {
  const log: string[] = []
  const streams: ServerResponse[] = []
  let session = 1
  const answer = (message: JsonRpc, req: IncomingMessage, res: ServerResponse) => {
    if (message.method === 'HTTP GET') {
      log.push('stream')
      streams.push(res)
      if (req.headers['mcp-session-id'] === `s${session}`) accept(res)
      else res.writeHead(404).end()
      return undefined
    }
    return answerPost(message, req, res)
  }
  const answerPost = (message: JsonRpc, req: IncomingMessage, res: ServerResponse) => {
    if (message.method === 'initialize') return introduce(message, res)
    if (req.headers['mcp-session-id'] !== `s${session}`) {
      res.writeHead(404).end()
      return undefined
    }
    if (message.method === 'resources/subscribe') {
      log.push(`subscribe ${message.params?.['uri']}`)
      return { result: {} }
    }
    return legacyBasics(message, res)
  }
  const introduce = (message: JsonRpc, res: ServerResponse) => {
    res.setHeader('mcp-session-id', `s${session}`)
    const { result } = legacyBasics(message, res) as { result: object }
    const capabilities = { tools: {}, resources: { subscribe: true } }
    return { result: { ...result, capabilities } }
  }
  const backend = await stage.backend(httpConfig(await stage.serve(handMade(answer))))
  const subscribe = async (uri: string) => {
    const call: Call = { kind: 'subscription', uri, params: RawObject.of({ uri }) }
    const origin = { backend: 'b', name: uri }
    const item: Item = { kind: 'resource', uri, origin, definition: {}, hidden: false }
    const ex = exchange()
    await backend.run({ caller: modernCaller(), call, item }, ex)
    return ex
  }
  const forget = () => {
    session++
  }
  return { backend, log, streams, subscribe, forget }
}

function open(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
}

describe('the stream of a legacy server', () => {
  it('is open before the server is asked for updates, so that none comes to nobody', async () => {
    let accepted = false
    const { log, subscribe } = await start((res) => {
      setTimeout(() => {
        accepted = true
        open(res)
      }, 100)
    })
    await subscribe('a:1')
    expect([accepted, log]).toEqual([true, ['stream', 'subscribe a:1']])
  })

  it('that is taken in silence does not hold calls back for ever', async () => {
    const { backend } = await start(() => {})
    const caller = legacyCaller({ capabilities: { elicitation: {} } })
    const { type } = await backend.run({ caller, ...toolCall('echo') }, exchange())
    expect(type).toBe('complete')
  })

  it('that broke is opened again, and then what may have been missed is told', async () => {
    const { streams, subscribe } = await start()
    const ex = await subscribe('a:1')
    streams[0]?.destroy()
    await until(() => ex.told.length === 1)
    expect([streams.length, ex.told[0]?.params.parse()]).toEqual([2, { uri: 'a:1' }])
  })

  it('of a session that the server has forgotten is that of a new one, with all subscriptions', async () => {
    const { log, streams, subscribe, forget } = await start()
    const ex = await subscribe('a:1')
    forget()
    streams[0]?.destroy()
    await until(() => ex.told.length === 1)
    expect(log).toEqual(['stream', 'subscribe a:1', 'stream', 'stream', 'subscribe a:1'])
  })

  it('need not have told of that: whoever subscribes next finds out', async () => {
    const { log, subscribe, forget } = await start()
    await subscribe('a:1')
    forget()
    await subscribe('a:2')
    const subscribed = () => log.filter((line) => line.startsWith('subscribe')).sort()
    await until(() => subscribed().length === 3)
    expect(subscribed()).toEqual(['subscribe a:1', 'subscribe a:1', 'subscribe a:2'])
  })
})
