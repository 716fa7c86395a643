import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { callText, eventually } from '../../fixtures/ask.ts'
import { LegacyClient, MODERN, ModernClient, RawClient, type Reply } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import type { Json } from '../../fixtures/fixture.ts'
import { Stage } from '../../fixtures/stage.ts'
import { EACH_KIND, type State, startBackends, startGateway } from './cell.ts'

// Progress and cancellation of calls that share one connection to the backend.

const stage = closedAfterAll(new Stage())
let url: string
beforeAll(async () => {
  url = await startGateway(stage, await startBackends(stage, { connection: 'shared' }))
})
const ID = 7
const TOKEN = 'same'

/** Every client sends the same id and the same progress token. */
const request = (name: string, who: string, meta: object = {}) => ({
  jsonrpc: '2.0',
  id: ID,
  method: 'tools/call',
  params: { name, arguments: { who }, _meta: { progressToken: TOKEN, ...meta } },
})

interface Client {
  call(name: string, who: string): Promise<Reply>
  /** Goes away in the middle of whatever is in progress. */
  hangUp(): Promise<void>
  /** Says that the call is cancelled, where the protocol has that. */
  cancel(): Promise<unknown>
}

async function legacy(): Promise<Client> {
  const client = await LegacyClient.open(url)
  stage.defer(() => client.close())
  return {
    call: (name, who) => client.raw.post(request(name, who), client.sessionHeaders),
    hangUp: () => client.close(),
    cancel: () => client.notify('notifications/cancelled', { requestId: ID }),
  }
}

async function modern(): Promise<Client> {
  const raw = new RawClient(url)
  stage.defer(() => raw.close())
  const meta = new ModernClient(url).meta()
  const headers = (name: string): Json => ({
    'mcp-protocol-version': MODERN,
    'mcp-method': 'tools/call',
    'mcp-name': name,
  })
  return {
    call: (name, who) => raw.post(request(name, who, meta), headers(name)),
    hangUp: () => raw.close(),
    cancel: () => raw.close(),
  }
}

const CLIENTS = [
  ['legacy', legacy],
  ['modern', modern],
] as const

function progressOf({ messages }: Reply): unknown[] {
  return messages.filter(({ method }) => method === 'notifications/progress').map(({ params }) => params)
}

describe.each(EACH_KIND)('%s', (_, { name }) => {
  const stateOf = async () => JSON.parse(await callText(url, `${name}_state`)) as State
  const waiting = (who: string) => eventually(async () => expect((await stateOf()).waiting).toContain(who))

  test('reports to each of several clients with the same ids and tokens what is theirs', async () => {
    const clients = [await legacy(), await legacy(), await modern(), await modern()]
    const replies = await Promise.all(clients.map((client, at) => client.call(`${name}_steps`, `c${at}`)))
    for (const [at, reply] of replies.entries()) {
      const steps = [1, 2].map((step) => ({
        progressToken: TOKEN,
        progress: step,
        message: `c${at} ${step}`,
      }))
      expect(progressOf(reply)).toEqual(steps)
      expect([reply.message.id, JSON.stringify(reply.message.result)]).toEqual([
        ID,
        expect.stringContaining(`c${at} done`),
      ])
    }
  })

  test.each(CLIENTS)(
    'hears that a %s client has cancelled its call, and no other call ends',
    async (era, open) => {
      const [client, other] = [await open(), await open()]
      const call = client.call(`${name}_wait`, `${era}-gone`).catch(() => undefined)
      const otherCall = other.call(`${name}_wait`, `${era}-stays`)
      await waiting(`${era}-gone`)
      await waiting(`${era}-stays`)
      await client.cancel()
      await eventually(async () => expect((await stateOf()).cancelled).toContain(`${era}-gone`))
      await callText(url, `${name}_release`, { who: `${era}-stays` })
      expect((await otherCall).text).toContain(`${era}-stays waited`)
      await call
    },
  )

  test('goes on with the call of a legacy client that has hung up', async () => {
    const client = await legacy()
    const call = client.call(`${name}_wait`, 'hung-up').catch(() => undefined)
    await waiting('hung-up')
    await client.hangUp()
    await call
    await delay(100)
    await callText(url, `${name}_release`, { who: 'hung-up' })
    await eventually(async () => expect((await stateOf()).finished).toContain('hung-up'))
  })
})

test('a legacy backend withdraws what it has asked a modern client, whose retry then gets the outcome', async () => {
  const client = new ModernClient(url, { capabilities: { elicitation: {} } })
  stage.defer(() => client.close())
  const params = { name: 'lh_withdraw', arguments: { who: 'asked' } }
  const asked = await client.result('tools/call', params)
  expect(asked.resultType).toBe('input_required')
  await callText(url, 'lh_release', { who: 'asked' })
  const answers = Object.keys(asked.inputRequests as object).map((key) => [key, { action: 'decline' }])
  const retry = { inputResponses: Object.fromEntries(answers), requestState: asked.requestState }
  expect(JSON.stringify(await client.result('tools/call', { ...params, ...retry }))).toContain('withdrawn')
})
