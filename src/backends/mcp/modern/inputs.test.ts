import { describe, expect, it } from 'vitest'
import { closedAfterEach } from '../../../../test/fixtures/closed.ts'
import { RawObject } from '../../../core/raw.ts'
import {
  exchange,
  handMade,
  httpConfig,
  type JsonRpc,
  legacyCaller,
  modernCaller,
  Stage,
  toolCall,
} from '../../testing.ts'
import { gather } from './inputs.ts'

const wants = (body: object) => ({ type: 'input_required', body: RawObject.of(body) })
const form = (message: string) => ({ method: 'elicitation/create', params: { message } })

describe('what a modern server wants to know', () => {
  it('is asked in its order, and goes back under its keys with the state as it was', async () => {
    const ex = exchange({ answer: async ({ params }) => ({ to: params.value('message') }) })
    const asked = RawObject.scan(
      Buffer.from(
        '{"requestState":"\\u0041 \\"state\\"","inputRequests":{"b":{"method":"elicitation/create","params":{"message":"1?"}},' +
          '"a\\"":{"method":"roots/list"}}}',
      ),
    )
    const params = RawObject.of({
      name: 'n',
      arguments: { x: 1 },
      requestState: 'old',
      inputResponses: { old: {} },
    })
    const retry = await gather({ type: 'input_required', body: asked }, params, ex)
    expect(ex.asked.map(({ method }) => method)).toEqual(['elicitation/create', 'roots/list'])
    expect(retry.parse()).toEqual({
      name: 'n',
      arguments: { x: 1 },
      inputResponses: { b: { to: '1?' }, 'a"': {} },
      requestState: 'A "state"',
    })
    expect(retry.text('requestState')).toBe('"\\u0041 \\"state\\""')
  })

  it('may be nothing but its state again', async () => {
    const params = RawObject.of({ name: 'n', inputResponses: { old: {} } })
    const ex = exchange()
    expect((await gather(wants({ requestState: 's' }), params, ex)).parse()).toEqual({
      name: 'n',
      requestState: 's',
    })
    expect(ex.asked).toEqual([])
  })

  it('has an id for a page that is to be visited, which legacy clients want', async () => {
    const ex = exchange()
    const inputRequests = {
      own: {
        method: 'elicitation/create',
        params: { mode: 'url', url: 'https://x.example', elicitationId: 'own' },
      },
      none: { method: 'elicitation/create', params: { mode: 'url', url: 'https://x.example' } },
      form: form('?'),
    }
    await gather(wants({ inputRequests }), RawObject.empty, ex)
    const ids = ex.asked.map(({ params }) => params.value('elicitationId'))
    expect(ids).toEqual(['own', expect.stringMatching(/^[0-9a-f-]{36}$/), undefined])
  })

  it.each([
    [{}],
    [{ inputRequests: {} }],
    [{ inputRequests: [form('?')] }],
    [{ inputRequests: { a: 7 } }],
    [{ inputRequests: { a: { method: 'tools/call' } } }],
    [{ inputRequests: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n, form('?')])) }],
  ])('makes sense, or the call fails: %j', async (body) => {
    const asking = gather(wants(body), RawObject.empty, exchange())
    await expect(asking).rejects.toMatchObject({ code: 'bad_gateway' })
  })
})

describe('rounds', () => {
  const stage = closedAfterEach(new Stage())

  /** A server that wants to know one thing more in each round, as often as that. */
  async function asking(times: number) {
    const seen: JsonRpc[] = []
    const url = await stage.serve(
      handMade((message) => {
        if (message.method !== 'tools/call')
          return {
            result: {
              resultType: 'complete',
              supportedVersions: ['2026-07-28'],
              capabilities: {},
              tools: [],
            },
          }
        seen.push(message)
        const round = Number(message.params?.['requestState'] ?? 0)
        return round === times
          ? { result: { resultType: 'complete', content: [] } }
          : {
              result: {
                resultType: 'input_required',
                inputRequests: { [`q${round}`]: form('?') },
                requestState: String(round + 1),
              },
            }
      }),
    )
    const backend = await stage.backend(httpConfig(url, { era: 'modern' }))
    const ex = exchange()
    const caller = legacyCaller({ capabilities: { elicitation: {}, tasks: {}, roots: {} } })
    return { seen, ex, result: backend.run({ caller, ...toolCall('t') }, ex) }
  }

  it('end with the result, each a request of its own with the latest answers alone', async () => {
    const { seen, ex, result } = await asking(3)
    expect((await result).type).toBe('complete')
    expect(ex.asked.length).toBe(3)
    expect(new Set(seen.map(({ id }) => id)).size).toBe(4)
    expect(seen.map(({ params }) => Object.keys((params?.['inputResponses'] ?? {}) as object))).toEqual([
      [],
      ['q0'],
      ['q1'],
      ['q2'],
    ])
  })

  it('tell the server in each what the client can do, as far as that can be relayed', async () => {
    const { seen, result } = await asking(2)
    await result
    const capabilities = { elicitation: {}, roots: {} }
    const metas = seen.map(({ params }) => params?.['_meta'])
    expect(metas).toEqual(
      Array.from({ length: 3 }, () =>
        expect.objectContaining({ 'io.modelcontextprotocol/clientCapabilities': capabilities }),
      ),
    )
  })

  it('come to an end with a server that wants ever more', async () => {
    const { seen, result } = await asking(1_000)
    await expect(result).rejects.toMatchObject({
      code: 'bad_gateway',
      message: expect.stringContaining('10 rounds'),
    })
    expect(seen.length).toBe(10)
  })
})

describe('the capabilities that a modern server sees', () => {
  const stage = closedAfterEach(new Stage())

  it.each([
    {},
    { roots: {} },
    { elicitation: { url: {} }, extensions: { 'io.modelcontextprotocol/tasks': {} } },
  ])('are those of a modern caller to the byte: %j', async (capabilities) => {
    const seen: unknown[] = []
    const url = await stage.serve(
      handMade(({ method, params }) => {
        if (method === 'tools/call') seen.push(params?.['_meta'])
        const facts = { supportedVersions: ['2026-07-28'], capabilities: {}, tools: [], content: [] }
        return { result: { resultType: 'complete', ...facts } }
      }),
    )
    const backend = await stage.backend(httpConfig(url, { era: 'modern' }))
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': capabilities,
    }
    await backend.run({ caller: modernCaller({ capabilities }), ...toolCall('t', {}, meta) }, exchange())
    expect(seen).toEqual([meta])
  })
})
