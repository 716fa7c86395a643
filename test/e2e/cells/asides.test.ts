import { ElicitRequestSchema, ListRootsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { Stage } from '../../fixtures/stage.ts'
import { stdioDoor } from '../peers.ts'
import { type Backends, KINDS, type State, startBackends, startGateway } from './cell.ts'
import { connectV1, type Listener } from './clients.ts'

// What legacy backends say to a legacy client outside of its calls, and it to them. Each client has a connection
// of its own to each of them.

const LEGACY = KINDS.filter(({ era }) => era === 'legacy')

const stage = closedAfterAll(new Stage())
let backends: Backends
let url: string
beforeAll(async () => {
  backends = await startBackends(stage, {}, LEGACY)
  url = await startGateway(stage, backends)
})
const CAPABILITIES = { roots: { listChanged: true }, elicitation: { form: {}, url: {} } }

async function connect(root: string, door: Parameters<typeof connectV1>[1] = { url }) {
  const listener = await connectV1(stage, door, CAPABILITIES)
  listener.client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: `file:///${root}` }] }))
  return listener
}

type Client = Awaited<ReturnType<typeof connect>>

const logsOf = ({ heard }: Listener) =>
  heard.filter(({ method }) => method === 'notifications/message').map(({ params }) => params?.data)
const completedOf = ({ heard }: Listener) =>
  heard.filter(({ method }) => method.includes('complete')).map(({ params }) => params?.elicitationId)
const heardBy = async (client: Listener, name: string) =>
  JSON.parse(await client.call(`${name}_heard`)) as { roots?: unknown; rootsChanged: number }

describe.each(LEGACY)('a legacy backend over $transport', ({ name }) => {
  let one: Client
  let other: Client
  beforeAll(async () => {
    one = await connect('one')
    other = await connect('other')
  })

  test('logs to the session whose connection it is, from its level on, and to no other', async () => {
    await one.client.setLoggingLevel('debug')
    await other.client.setLoggingLevel('error')
    await one.call(`${name}_log_later`, { who: 'one' })
    await other.call(`${name}_log_later`, { who: 'other' })
    await eventually(() => {
      expect(logsOf(one).sort()).toEqual(['one debug', 'one error', 'one info'])
      expect(logsOf(other)).toEqual(['other error'])
    })
  })

  test('knows the level that its client has set before the next call', async () => {
    const fresh = await connect('fresh')
    const before = await other.call(`${name}_level`)
    expect(await fresh.call(`${name}_level`)).toBe('none')
    for (const level of ['error', 'debug', 'warning'] as const) {
      await fresh.client.setLoggingLevel(level)
      expect(await fresh.call(`${name}_level`)).toBe(level)
    }
    expect(await other.call(`${name}_level`)).toBe(before)
  })

  test('asks for roots whoever has the connection, and gets its answer', async () => {
    await one.call(`${name}_ask_roots_later`)
    await other.call(`${name}_ask_roots_later`)
    const rootsOf = async (client: Client) => (await heardBy(client, name)).roots
    await eventually(async () => expect(await rootsOf(one)).toEqual({ roots: [{ uri: 'file:///one' }] }))
    await eventually(async () => expect(await rootsOf(other)).toEqual({ roots: [{ uri: 'file:///other' }] }))
  })

  test('is told that the roots of a client have changed on that client’s own connection', async () => {
    for (const client of [one, other]) expect((await heardBy(client, name)).rootsChanged).toBe(0)
    await one.client.sendRootsListChanged()
    await eventually(async () => expect((await heardBy(one, name)).rootsChanged).toBe(1))
    expect((await heardBy(other, name)).rootsChanged).toBe(0)
  })

  test('tells whose elicitation by URL it was that it is complete', async () => {
    await one.call(`${name}_complete_later`, { who: 'e-1' })
    await other.call(`${name}_complete_later`, { who: 'e-2' })
    await eventually(() => expect([one, other].map(completedOf)).toEqual([['e-1'], ['e-2']]))
  })

  test('withdraws a question, and its client stops asking its user', async () => {
    let stopped = 0
    one.client.setRequestHandler(ElicitRequestSchema, async (_, { signal }) => {
      const stop = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      await one.call(`${name}_release`, { who: 'asked' })
      await stop
      stopped++
      return { action: 'cancel' }
    })
    expect(await one.call(`${name}_withdraw`, { who: 'asked' })).toBe('withdrawn')
    await eventually(() => expect(stopped).toBe(1))
  })
})

test('a legacy backend that is connected knows at once which level its client has set', async () => {
  const [one, other] = [await connect('one'), await connect('other')]
  for (const client of [one, other]) await client.call('lh_level')
  await one.client.setLoggingLevel('alert')
  await eventually(async () => {
    const { levels } = JSON.parse(await other.call('lh_state')) as State
    expect(levels).toContain('alert')
  })
})

test('all of that holds for a client over stdio too', async () => {
  const file = await stage.file('vmcp.yaml', config(backends.entries))
  const client = await connect('stdio', stdioDoor(file))
  await client.client.setLoggingLevel('info')
  for (const { name } of LEGACY) {
    await eventually(async () => expect(await client.call(`${name}_level`)).toBe('info'))
    await client.call(`${name}_log_later`, { who: name })
    await client.call(`${name}_ask_roots_later`)
    await eventually(async () => {
      expect((await heardBy(client, name)).roots).toEqual({ roots: [{ uri: 'file:///stdio' }] })
      expect(logsOf(client).filter((line) => String(line).startsWith(name))).toEqual([
        `${name} info`,
        `${name} error`,
      ])
    })
  }
})
