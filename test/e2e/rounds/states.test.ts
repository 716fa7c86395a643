import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually, toolNames } from '../../fixtures/ask.ts'
import { ModernClient, type RpcMessage } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import type { Json } from '../../fixtures/fixture.ts'
import { type Child, Stage, serverCommand } from '../../fixtures/stage.ts'
import { ABLE, meetV1 } from './people.ts'

// What a client of 2026-07-28 gets on the wire between the rounds of a call, and what it may send back.

const stage = closedAfterAll(new Stage())
let gateway: Child
let other: Child
beforeAll(async () => {
  const [legacy, modern] = await Promise.all(
    (['legacy', 'modern'] as const).map((era) => stage.server('rounds:asks', { era, id: era })),
  )
  const entries = [
    { name: 'legacy', url: legacy?.ready as string },
    { name: 'modern', url: modern?.ready as string },
  ]
  const gateways = [1, 2].map(() => stage.gateway({ config: config(entries) }))
  ;[gateway, other] = (await Promise.all(gateways)) as [Child, Child]
  for (const { ready } of [gateway, other])
    await eventually(async () => expect(await toolNames(ready)).toHaveLength(20), 20_000)
})
interface Answer {
  readonly status: number
  readonly result: Json & { readonly requestState?: string; readonly inputRequests?: Record<string, Json> }
  readonly error: RpcMessage['error']
}

interface Sending {
  readonly capabilities?: object
  readonly to?: Child
}

async function send(name: string, more: Json = {}, { capabilities = ABLE, to = gateway }: Sending = {}) {
  const client = new ModernClient(to.ready, { capabilities })
  try {
    const { status, message } = await client.request('tools/call', {
      name,
      arguments: { about: 'x' },
      ...more,
    })
    return { status, result: message.result ?? {}, error: message.error } as Answer
  } finally {
    await client.close()
  }
}

const said = ({ result }: Answer) => (result.content as { text: string }[] | undefined)?.[0]?.text

/** Answers to all questions of a result, with its state. */
function answers({ result }: Answer, action = 'accept'): Json {
  const keys = Object.keys(result.inputRequests ?? {})
  const inputResponses = Object.fromEntries(
    keys.map((key) => [key, { action, ...(action === 'accept' && { content: { value: 'yes' } }) }]),
  )
  return { inputResponses, ...(result.requestState !== undefined && { requestState: result.requestState }) }
}

const REFUSED = { status: 400, error: { code: -32602 } }

describe.each(['legacy', 'modern'])('between the rounds of a call of a %s server', (era) => {
  const tool = `${era}_form`

  test('the client holds a state that says nothing, and that goes on with the call', async () => {
    const asked = await send(tool)
    expect(asked).toMatchObject({ status: 200, result: { resultType: 'input_required' } })
    const [question] = Object.values(asked.result.inputRequests ?? {})
    expect(question).toMatchObject({ method: 'elicitation/create', params: { message: 'form about x' } })
    expect(asked.result.requestState).toMatch(/^vmcp\.[ps]\.[\w-]+$/)
    expect(said(await send(tool, answers(asked)))).toBe('accept:yes')
  })

  test('its retry may come twice, at once or later', async () => {
    const asked = await send(tool)
    const twice = await Promise.all([send(tool, answers(asked)), send(tool, answers(asked))])
    expect([...twice.map(said), said(await send(tool, answers(asked)))]).toEqual(Array(3).fill('accept:yes'))
  })

  test('the user may decline', async () => {
    expect(said(await send(tool, answers(await send(tool), 'decline')))).toBe('decline:')
  })

  test('no other state is taken, and the call goes on after that', async () => {
    const asked = await send(tool)
    const state = asked.result.requestState as string
    const middle = state.length - 20
    const flipped = `${state.slice(0, middle)}${state[middle] === 'x' ? 'y' : 'x'}${state.slice(middle + 1)}`
    for (const requestState of [flipped, state.slice(0, -1), `${state}A`, 'x', ''])
      expect(await send(tool, { ...answers(asked), requestState })).toMatchObject(REFUSED)
    expect(await send(tool, { ...answers(asked), arguments: { about: 'y' } })).toMatchObject(REFUSED)
    expect(await send(`${era}_rounds`, answers(asked))).toMatchObject(REFUSED)
    expect(await send(tool, answers(asked), { to: other })).toMatchObject(REFUSED)
    expect(said(await send(tool, answers(asked)))).toBe('accept:yes')
  })

  // On a busy machine the questions may come too far apart for one result.
  test('several questions come in one result, and those left open come again', { retry: 3 }, async () => {
    const asked = await send(`${era}_several`)
    const requests = Object.entries(asked.result.inputRequests ?? {})
    expect(requests.map(([, { method }]) => method).sort()).toEqual([
      'elicitation/create',
      'roots/list',
      'sampling/createMessage',
    ])
    const answer = (method: unknown) => {
      if (method === 'roots/list') return { roots: [] }
      if (method === 'elicitation/create') return { action: 'accept', content: { value: 'yes' } }
      return { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } }
    }
    const all = requests.map(([key, { method }]) => [key, answer(method)] as const)
    const { requestState } = asked.result
    const again = await send(`${era}_several`, {
      requestState,
      inputResponses: Object.fromEntries(all.slice(0, 2)),
    })
    expect(Object.values(again.result.inputRequests ?? {})).toEqual([requests[2]?.[1]])
    const [left] = Object.keys(again.result.inputRequests ?? {})
    const done = await send(`${era}_several`, {
      requestState: again.result.requestState,
      inputResponses: { [String(left)]: all[2]?.[1] },
    })
    expect(JSON.parse(said(done) ?? '')).toEqual(['accept:yes', { type: 'text', text: 'sampled' }, []])
  })

  test('a client that cannot be asked learns which capability is missing', async () => {
    const needs = {
      form: [{ elicitation: { url: {} } }, { elicitation: { form: {} } }],
      page: [{ elicitation: {} }, { elicitation: { url: {} } }],
      sample: [{ sampling: {} }, { sampling: { tools: {} } }],
      roots: [{}, { roots: {} }],
    }
    for (const [name, [capabilities, required]] of Object.entries(needs)) {
      const { status, error } = await send(`${era}_${name}`, {}, { capabilities: capabilities as object })
      expect([name, status, error?.code]).toEqual([name, 400, -32021])
      expect(error?.data).toMatchObject({ requiredCapabilities: required })
    }
  })

  test('a client in manual mode of the SDK answers by itself', async () => {
    const client = new Client(
      { name: 'manual', version: '1' },
      {
        capabilities: ABLE,
        versionNegotiation: { mode: { pin: '2026-07-28' } },
        inputRequired: { autoFulfill: false },
      },
    )
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.ready)))
    stage.defer(() => client.close())
    const call = (more: Json) =>
      client.request(
        { method: 'tools/call', params: { name: tool, arguments: { about: 'x' }, ...more } },
        { allowInputRequired: true },
      ) as Promise<Json>
    const asked = await call({})
    expect(asked.resultType).toBe('input_required')
    const done = await call(answers({ status: 200, result: asked, error: undefined }))
    expect(done.content).toMatchObject([{ text: 'accept:yes' }])
  })
})

describe('a legacy server that wants a page to be visited before it is called', () => {
  const pay = (order: string, more: Json = {}) => send('legacy_pay', { arguments: { order }, ...more })

  test('is called again when the client says that it was', async () => {
    const asked = await pay('a')
    expect(asked.result).toMatchObject({ resultType: 'input_required' })
    expect(Object.values(asked.result.inputRequests ?? {})).toEqual([
      {
        method: 'elicitation/create',
        params: { mode: 'url', message: 'Pay first', url: 'https://pay.example/a' },
      },
    ])
    expect(said(await pay('a', answers(asked)))).toBe('paid a')
  })

  test('is not when the user declines', async () => {
    const { status, error } = await pay('b', answers(await pay('b'), 'decline'))
    expect([status, error?.code]).toEqual([200, -32603])
    expect(error?.message).toContain('did not agree')
  })

  test('says so itself to a legacy client', async () => {
    const person = await meetV1(stage, { url: gateway.ready }, 'ada')
    const paying = person.call('legacy_pay', 'c')
    await expect(paying).rejects.toMatchObject({ code: -32042 })
  })
})

test('a name that passes to another server between rounds is an error that says what to do', async () => {
  const entries = ['one', 'two'].map((name) => ({
    name,
    transport: 'stdio' as const,
    ...serverCommand('rounds:asks', { era: 'modern', transport: 'stdio', id: name }),
  }))
  const aggregation = {
    conflictResolution: 'priority',
    conflictResolutionConfig: { priorityOrder: ['one', 'two'] },
  }
  const to = await stage.gateway({ config: config(entries, { aggregation }) })
  await eventually(async () => expect(await toolNames(to.ready)).toHaveLength(10))
  const asked = await send('form', {}, { to })
  expect(asked.result.resultType).toBe('input_required')
  expect(said(await send('withdraw', { arguments: { about: 'form' } }, { to }))).toBe('withdrawn')
  await eventually(async () => {
    const { status, error } = await send('form', answers(asked), { to })
    expect([status, error?.code]).toEqual([400, -32602])
    expect(error?.message).toMatch(/another backend.*begin anew/)
  })
})
