import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Call } from '../../../core/call.ts'
import type { Principal } from '../../../core/caller.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import { events, memoryGateway, next, type Served, serve, text } from '../../testing.ts'
import { CAPABILITIES } from './testing.ts'

// What a client of 2026-07-28 sees of calls that ask it something, on the wire.

let served: Served
beforeEach(async () => {
  served = await open()
})
afterEach(async () => {
  vi.useRealTimers()
  await served.close()
})

/** Who calls is said in a header. */
function open(): Promise<Served> {
  return serve(memoryGateway(), {
    authenticate: ({ headers }): Principal => {
      const subject = String(headers['x-user'] ?? 'ada')
      return { issuer: 'https://id.example', subject, name: subject, claims: {} }
    },
  })
}

interface Answer {
  readonly status: number
  readonly result?: JsonObject & { readonly requestState?: string; readonly inputRequests?: JsonObject }
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

interface Sender {
  readonly capabilities?: JsonObject
  readonly user?: string
  readonly to?: Served
}

async function send(
  method: string,
  params: JsonObject,
  { capabilities = CAPABILITIES, user = 'ada', to = served }: Sender = {},
): Promise<Answer> {
  const meta = { 'io.modelcontextprotocol/clientCapabilities': capabilities }
  const reply = await to.modern(method, params, { meta, headers: { 'x-user': user } })
  return { status: reply.status, ...((await reply.json()) as object) }
}

const call = (params: JsonObject = {}, sender: Sender = {}) =>
  send('tools/call', { name: 'asks', ...params }, sender)

const ROOTS = { where: { method: 'roots/list', params: {} } }
const ANSWERS = { where: { roots: [] } }

const refused = { status: 400, error: { code: -32602 } }

describe('the state of a backend', () => {
  const seen: Call[] = []
  const asking = (state?: unknown) => (_: unknown, made: Call) => {
    seen.push(made)
    if (made.params.has('inputResponses')) return text(`answered ${made.params.text('requestState')}`)
    const asked = { inputRequests: ROOTS, ...(state !== undefined && { requestState: state }) }
    return { type: 'input_required', body: RawObject.of(asked) }
  }
  beforeEach(() => {
    seen.length = 0
    served.gateway.tool('asks', asking('{"user":"\\u0041da"}'))
    served.gateway.tool('other', asking('other'))
  })

  const answer = (requestState: unknown, more: JsonObject = {}) => ({
    inputResponses: ANSWERS,
    requestState,
    ...more,
  })

  it('is not shown to the client, and comes back as it was', async () => {
    const { result } = await call({ arguments: { to: 'x' } })
    expect(result).toMatchObject({ resultType: 'input_required', inputRequests: ROOTS })
    expect(result?.requestState).toMatch(/^vmcp\.s\.[\w-]+$/)
    const done = await call(answer(result?.requestState, { arguments: { to: 'x' } }))
    expect(done.status).toBe(200)
    expect(seen[1]?.params.value('requestState')).toBe('{"user":"\\u0041da"}')
    expect(seen[1]?.params.value('inputResponses')).toEqual(ANSWERS)
    // A backend that wants to know whether it saw a retry before has to find that out itself.
    expect((await call(answer(result?.requestState, { arguments: { to: 'x' } }))).status).toBe(200)
  })

  it('is refused from anybody else, for anything else, changed, and made up', async () => {
    const state = (await call()).result?.requestState as string
    const changed = `${state.slice(0, 20)}${state[20] === 'A' ? 'B' : 'A'}${state.slice(21)}`
    const before = seen.length
    expect(await call(answer(state), { user: 'mallory' })).toMatchObject(refused)
    expect(await call(answer(state, { arguments: { to: 'y' } }))).toMatchObject(refused)
    expect(await send('tools/call', answer(state, { name: 'other' }))).toMatchObject(refused)
    for (const forged of [changed, `${state}A`, 'vmcp.s.', 'vmcp.p.', '{"user":"ada"}', '', 7, null, {}])
      expect(await call(answer(forged))).toMatchObject(refused)
    expect(seen.length).toBe(before)
    expect(await call(answer(state))).toMatchObject({ status: 200 })
  })

  it('is refused when it is old, and by a gateway that did not make it', async () => {
    const { result } = await call()
    const other = await open()
    other.gateway.tool('asks', asking())
    expect(await call(answer(result?.requestState), { to: other })).toMatchObject(refused)
    await other.close()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61 * 60_000 })
    expect(await call(answer(result?.requestState))).toMatchObject(refused)
  })

  it('is refused when the name has passed to another backend, and the error says what to do', async () => {
    const { result } = await call()
    Object.assign(served.gateway.catalog.tools[0]?.origin ?? {}, { backend: 'newcomer' })
    const { status, error } = await call(answer(result?.requestState))
    expect([status, error?.code]).toEqual([400, -32602])
    expect(error?.message).toContain('another backend')
    expect(error?.message).toContain('begin anew')
  })

  it('may be absent, and then the retry has none', async () => {
    served.gateway.tool('stateless', asking())
    const { result } = await send('tools/call', { name: 'stateless' })
    expect(result).not.toHaveProperty('requestState')
    expect(await send('tools/call', { name: 'stateless', inputResponses: ANSWERS })).toMatchObject({
      status: 200,
    })
  })

  it('may come without questions, but not be neither of both', async () => {
    served.gateway.tool('later', () => ({
      type: 'input_required',
      body: RawObject.of({ requestState: 'again' }),
    }))
    served.gateway.tool('nothing', () => ({
      type: 'input_required',
      body: RawObject.of({ requestState: 7 }),
    }))
    const later = await send('tools/call', { name: 'later' })
    expect(later.result?.requestState).toMatch(/^vmcp\.s\./)
    const nothing = await send('tools/call', { name: 'nothing' })
    expect(nothing.error).toMatchObject({ code: -32603, message: expect.stringContaining('wants inputs') })
  })

  it('goes with no question that the client has not declared', async () => {
    const undeclared = await call({}, { capabilities: { elicitation: {} } })
    expect(undeclared).toMatchObject({
      status: 400,
      error: { code: -32021, data: { requiredCapabilities: { roots: {} } } },
    })
    expect(undeclared).not.toHaveProperty('result')
  })
})

describe('a backend that asks in the course of a call', () => {
  const ask = {
    method: 'elicitation/create',
    params: RawObject.of({ message: 'Sure?', elicitationId: 'e' }),
  } as const
  const greet = async (exchange: { ask(it: typeof ask): Promise<RawObject> }) =>
    text(`they said ${(await exchange.ask(ask)).value('action')}`)
  const QUESTION = { 'input-1': { method: 'elicitation/create', params: { message: 'Sure?' } } }
  const yes = (requestState: unknown) => ({
    requestState,
    inputResponses: { 'input-1': { action: 'accept' } },
  })
  const said = (words: string) => ({ status: 200, result: { content: [{ text: words }] } })

  beforeEach(() => served.gateway.tool('asks', greet))

  it('is answered by a retry, as often as that comes', async () => {
    const { result } = await call()
    expect(result).toMatchObject({ resultType: 'input_required', inputRequests: QUESTION })
    expect(result?.inputRequests?.['input-1']).not.toHaveProperty('params.elicitationId')
    for (let times = 0; times < 2; times++)
      expect(await call(yes(result?.requestState))).toMatchObject(said('they said accept'))
  })

  it('asks in prompts/get and resources/read as in tools/call', async () => {
    served.gateway.prompt('asks', async (exchange) => ({
      messages: [{ role: 'user', content: { type: 'text', text: JSON.stringify(await exchange.ask(ask)) } }],
    }))
    served.gateway.resource('a:b', async (exchange) => {
      await exchange.ask(ask)
      return { contents: [{ uri: 'a:b', text: 'read' }] }
    })
    for (const [method, params] of [
      ['prompts/get', { name: 'asks' }],
      ['resources/read', { uri: 'a:b' }],
    ] as const) {
      const { result } = await send(method, params)
      expect(result).toMatchObject({ resultType: 'input_required', inputRequests: QUESTION })
      expect(result).not.toHaveProperty('ttlMs')
      const done = await send(method, { ...params, ...yes(result?.requestState) })
      expect(done.result).toMatchObject({ resultType: 'complete' })
    }
  })

  it('asks the caller and nobody else, and goes on with no other arguments', async () => {
    const { result } = await call({ arguments: { to: 'x' } })
    const retry = { ...yes(result?.requestState), arguments: { to: 'x' } }
    expect(await call(retry, { user: 'mallory' })).toMatchObject(refused)
    expect(await call({ ...retry, arguments: { to: 'y' } })).toMatchObject(refused)
    expect(await call(retry)).toMatchObject(said('they said accept'))
  })

  it('does not ask a client that has not declared it, nor in methods that cannot', async () => {
    expect(await call({}, { capabilities: {} })).toMatchObject({
      status: 400,
      error: { code: -32021, data: { requiredCapabilities: { elicitation: { form: {} } } } },
    })
    let refusal: unknown
    served.gateway.method('skills/get', async (exchange) => {
      refusal = await exchange.ask(ask).catch((error: unknown) => error)
      return {}
    })
    expect((await send('skills/get', {})).status).toBe(200)
    expect(refusal).toMatchObject({ message: expect.stringContaining('skills/get') })
  })

  it('hears at once of a client that hangs up in the first round', async () => {
    const hangUp = new AbortController()
    let cancelled = false
    served.gateway.tool('slow', async (exchange) => {
      exchange.onAbort(() => {
        cancelled = true
      })
      setTimeout(() => hangUp.abort(), 10)
      await new Promise<void>((resolve) => void exchange.onAbort(resolve))
      return text('late')
    })
    const meta = { 'io.modelcontextprotocol/clientCapabilities': CAPABILITIES }
    const calling = served.modern('tools/call', { name: 'slow' }, { meta, signal: hangUp.signal })
    await expect(calling).rejects.toThrow()
    await expect.poll(() => cancelled).toBe(true)
  })

  it('tells each request of a call its own progress', async () => {
    served.gateway.tool('works', async (exchange) => {
      const params = RawObject.of({ progressToken: 'b', progress: 1 })
      exchange.notify({ method: 'notifications/progress', params })
      await exchange.ask(ask)
      exchange.notify({ method: 'notifications/progress', params: params.with({ progress: '2' }) })
      return text('done')
    })
    const stream = async (token: string, params: JsonObject) => {
      const meta = { 'io.modelcontextprotocol/clientCapabilities': CAPABILITIES, progressToken: token }
      const all = events(await served.modern('tools/call', { name: 'works', ...params }, { meta }))
      return [await next(all), await next(all)] as { params?: JsonObject; result?: JsonObject }[]
    }
    const [first, asked] = await stream('one', {})
    expect(first?.params).toEqual({ progressToken: 'one', progress: 1 })
    const [second, done] = await stream('two', yes(asked?.result?.['requestState']))
    expect(second?.params).toEqual({ progressToken: 'two', progress: 2 })
    expect(done?.result).toMatchObject({ resultType: 'complete' })
  })

  it('is let go when the front closes', async () => {
    let ended: unknown
    served.gateway.tool('waits', async (exchange) => {
      ended = await exchange.ask(ask).catch((error: unknown) => error)
      return text('over')
    })
    await send('tools/call', { name: 'waits' })
    await served.front.close(0)
    await expect.poll(() => ended).toMatchObject({ code: 'cancelled' })
    served = await open()
  })
})

describe('a legacy server that wants a page to be visited', () => {
  const error = (elicitations: unknown) =>
    GatewayError.backend({ code: -32042, message: 'Visit a page', data: { elicitations } })
  const page = { mode: 'url', url: 'https://id.example/x', message: 'Sign in', elicitationId: 'e1' }
  const { elicitationId: _, ...shown } = page
  const URL = { capabilities: { elicitation: { url: {} } } }
  let visited: boolean
  let calls: number
  beforeEach(() => {
    visited = false
    calls = 0
    served.gateway.tool('asks', () => {
      calls++
      if (!visited) throw error([page, { ...page, message: 'Pay' }])
      return text('done')
    })
  })

  const answers = (...actions: string[]) => ({
    inputResponses: Object.fromEntries(actions.map((action, n) => [`vmcp-url-${n + 1}`, { action }])),
  })

  it('has its pages shown as questions, without a state, and is called again', async () => {
    const { result } = await call({}, URL)
    expect(result?.inputRequests).toEqual({
      'vmcp-url-1': { method: 'elicitation/create', params: shown },
      'vmcp-url-2': { method: 'elicitation/create', params: { ...shown, message: 'Pay' } },
    })
    expect(result).not.toHaveProperty('requestState')
    visited = true
    expect(await call(answers('accept', 'accept'), URL)).toMatchObject({
      result: { content: [{ text: 'done' }] },
    })
    expect(calls).toBe(2)
  })

  it.each(['decline', 'cancel'])('is not called again after %s', async (action) => {
    await call({}, URL)
    const { error: said } = await call(answers('accept', action), URL)
    expect(said?.message).toContain('did not agree')
    expect(calls).toBe(1)
  })

  it('is not called again for a client that cannot show pages', async () => {
    expect(await call({}, { capabilities: { elicitation: {} } })).toMatchObject({
      status: 400,
      error: { code: -32021, data: { requiredCapabilities: { elicitation: { url: {} } } } },
    })
  })

  it('may want so in a later round too', async () => {
    served.gateway.tool('first-a-form', async (exchange) => {
      await exchange.ask({ method: 'elicitation/create', params: RawObject.of({ message: 'Which?' }) })
      throw error([page])
    })
    const both = { capabilities: { elicitation: { form: {}, url: {} } } }
    const { result } = await send('tools/call', { name: 'first-a-form' }, both)
    const retry = { requestState: result?.requestState, inputResponses: { 'input-1': { action: 'accept' } } }
    const again = await send('tools/call', { name: 'first-a-form', ...retry }, both)
    expect(again.result).toMatchObject({ inputRequests: { 'vmcp-url-1': { params: shown } } })
    expect(again.result).not.toHaveProperty('requestState')
  })

  it.each([[undefined], [[]], ['x'], [[7]]])(
    'and does not say which page (%j) has an error',
    async (elicitations) => {
      served.gateway.tool('nowhere', () => {
        throw error(elicitations)
      })
      expect(await send('tools/call', { name: 'nowhere' }, URL)).toMatchObject({
        status: 200,
        error: { code: -32603, message: 'Visit a page' },
      })
    },
  )

  it('is not mistaken for a modern server that names its own questions so', async () => {
    served.gateway.tool('modern', (_, { params }) =>
      params.has('inputResponses')
        ? text(String(params.text('inputResponses')))
        : {
            type: 'input_required',
            body: RawObject.of({
              inputRequests: { 'url-1': { method: 'elicitation/create', params: shown } },
            }),
          },
    )
    await send('tools/call', { name: 'modern' }, URL)
    const inputResponses = { 'url-1': { action: 'decline' } }
    const { result } = await send('tools/call', { name: 'modern', inputResponses }, URL)
    expect(result).toMatchObject({ content: [{ text: JSON.stringify(inputResponses) }] })
  })
})
