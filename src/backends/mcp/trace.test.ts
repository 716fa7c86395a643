import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../../test/fixtures/closed.ts'
import type { Era } from '../../core/caller.ts'
import type { TraceContext } from '../../core/trace.ts'
import {
  exchange,
  handMade,
  httpConfig,
  type JsonRpc,
  legacyBasics,
  legacyCaller,
  modernCaller,
  rawCall,
  Stage,
} from '../testing.ts'

const TRACE: TraceContext = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  sampled: true,
  remote: false,
  state: 'a=b',
}
const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const CLIENTS = { traceparent: '00-11111111111111111111111111111111-2222222222222222-01', tracestate: 'c=d' }

const stage = closedAfterEach(new Stage())

interface Got {
  readonly headers: IncomingHttpHeaders
  readonly meta: Record<string, unknown> | undefined
}

/** What a server of this era is sent for a call with this `_meta`. */
async function sent(era: Era, meta: object | undefined, trace: TraceContext | undefined): Promise<Got> {
  const calls: Got[] = []
  const listener = handMade((message, { headers }, res) => {
    if (message.method === 'tools/call')
      calls.push({ headers, meta: message.params?.['_meta'] as Got['meta'] })
    return era === 'legacy' ? legacyBasics(message, res) : modernBasics(message)
  })
  const backend = await stage.backend(httpConfig(await stage.serve(listener), { era }))
  const params = JSON.stringify({ name: 'x_echo', arguments: {}, ...(meta && { _meta: meta }) })
  const caller = era === 'legacy' ? legacyCaller() : modernCaller()
  await backend.run({ caller, ...rawCall('echo', params), trace }, exchange())
  const [got] = calls
  if (got === undefined) throw new Error('no call came')
  return got
}

function modernBasics({ method }: JsonRpc): object {
  const result =
    method === 'server/discover'
      ? { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } }
      : { tools: [], content: [] }
  return { result: { resultType: 'complete', ...result } }
}

describe.each<Era>(['legacy', 'modern'])('the trace of a call of a %s server', (era) => {
  it('is in _meta and in headers, in the place of the client’s own', async () => {
    const { headers, meta } = await sent(era, { ...CLIENTS, baggage: 'k=v' }, TRACE)
    expect(meta).toMatchObject({ traceparent: PARENT, tracestate: 'a=b', baggage: 'k=v' })
    expect(headers).toMatchObject({ traceparent: PARENT, tracestate: 'a=b' })
  })

  it('is there without a client that has sent any _meta, and without a state that there is not', async () => {
    const { headers, meta } = await sent(era, undefined, { ...TRACE, sampled: false, state: undefined })
    expect(meta).toMatchObject({ traceparent: PARENT.replace(/01$/, '00') })
    expect(meta).not.toHaveProperty('tracestate')
    expect(headers).not.toHaveProperty('tracestate')
  })

  it('loses the client’s state where it has none', async () => {
    const { meta } = await sent(era, CLIENTS, { ...TRACE, state: undefined })
    expect(meta).toMatchObject({ traceparent: PARENT })
    expect(meta).not.toHaveProperty('tracestate')
  })

  it('is the client’s own, untouched, where nobody traces', async () => {
    const { headers, meta } = await sent(era, CLIENTS, undefined)
    expect(meta).toMatchObject(CLIENTS)
    expect(headers).not.toHaveProperty('traceparent')
  })
})
