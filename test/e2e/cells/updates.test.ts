import { beforeAll, describe, expect, test } from 'vitest'
import { ask, callText, eventually } from '../../fixtures/ask.ts'
import { ModernClient, type RpcMessage } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import type { Json } from '../../fixtures/fixture.ts'
import { Stage } from '../../fixtures/stage.ts'
import { stdioDoor } from '../peers.ts'
import {
  type Backends,
  EACH_KIND,
  KINDS,
  type Kind,
  newsOf,
  type State,
  startBackends,
  startGateway,
} from './cell.ts'
import { connectV1, connectV2, type Listener, rawStdio, updates } from './clients.ts'

// A client subscribes to a resource, and hears of its updates. All clients share the connection to the backend.

const MUTE: readonly Kind[] = [
  { name: 'mute-lh', era: 'legacy', transport: 'http' },
  { name: 'mute-mh', era: 'modern', transport: 'http' },
]

const stage = closedAfterAll(new Stage())
let backends: Backends
let url: string
beforeAll(async () => {
  backends = await startBackends(stage, { connection: 'shared' }, [...KINDS, ...MUTE])
  url = await startGateway(stage, backends)
})
const stateOf = async (client: Listener, name: string) =>
  JSON.parse(await client.call(`${name}_state`)) as State

describe.each(EACH_KIND)('%s', (_, kind) => {
  const { name } = kind
  const news = newsOf(kind)

  test('is subscribed to once, whoever subscribes, and each of them hears until it has had enough', async () => {
    const door = { url }
    const [legacy, modern] = [await connectV1(stage, door), await connectV2(stage, door)]
    const others = [await connectV1(stage, door), await connectV2(stage, door)]
    for (const other of others) await other.watchLists()
    const endLegacy = await legacy.subscribe(news)
    const endModern = await modern.subscribe(news)
    expect((await stateOf(legacy, name)).subscribed).toEqual([news])

    await legacy.call(`${name}_update`)
    await eventually(() => expect([updates(legacy), updates(modern)]).toEqual([[news], [news]]))
    await endLegacy()
    await legacy.call(`${name}_update`)
    await eventually(() => expect(updates(modern)).toEqual([news, news]))
    expect((await stateOf(legacy, name)).subscribed).toEqual([news])
    await endModern()
    await eventually(async () => expect((await stateOf(legacy, name)).subscribed).toEqual([]))
    expect([legacy, ...others].map(updates)).toEqual([[news], [], []])
  })
})

describe.each(EACH_KIND)('%s whose lists change', (_, { name }) => {
  test('says so, and every client hears which, also when something goes', async () => {
    const clients = [await connectV1(stage, { url }), await connectV2(stage, { url })]
    for (const client of clients) await client.watchLists()
    for (const list of ['tools', 'prompts', 'resources'] as const) {
      const more = list === 'resources' ? `talk://${name}/more` : `${name}_more`
      for (const there of [true, false]) {
        const before = clients.map((client) => changesOf(list, client))
        await clients[0]?.call(`${name}_turn`, { kind: list })
        await eventually(async () => expect((await listed(list)).includes(more)).toBe(there))
        await eventually(() =>
          clients.forEach((client, at) => {
            expect(changesOf(list, client)).toBeGreaterThan(before[at] ?? 0)
          }),
        )
      }
    }
  })
})

type List = 'tools' | 'prompts' | 'resources'

function changesOf(list: List, { heard }: Listener): number {
  return heard.filter(({ method }) => method === `notifications/${list}/list_changed`).length
}

async function listed(list: List): Promise<string[]> {
  const { message } = await ask(url, `${list}/list`)
  const entries = (message.result?.[list] ?? []) as { name: string; uri?: string }[]
  return entries.map(({ name, uri }) => uri ?? name)
}

describe('the updates of a subscription', () => {
  const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId'
  const listen = (id: string | number, client: ModernClient) => ({
    jsonrpc: '2.0',
    id,
    method: 'subscriptions/listen',
    params: { notifications: { resourceSubscriptions: KINDS.map(newsOf) }, _meta: client.meta() },
  })
  const tagOf = ({ params }: RpcMessage) => (params?._meta as Json | undefined)?.[SUBSCRIPTION]
  const told = (received: readonly RpcMessage[]) =>
    received.filter(({ method }) => method === 'notifications/resources/updated')

  test('have the id that the client gave it, of its type, over HTTP', async () => {
    const client = new ModernClient(url)
    stage.defer(() => client.close())
    const streams = new Map<string | number, RpcMessage[]>([
      ['7', []],
      [7, []],
    ])
    for (const [id, received] of streams)
      await client.raw.subscribe(listen(id, client), (message) => received.push(message))
    for (const { name } of KINDS) await callText(url, `${name}_update`)
    for (const [id, received] of streams) {
      await eventually(() => expect(told(received)).toHaveLength(4))
      expect(new Set(received.map(tagOf))).toEqual(new Set([id]))
      expect(received[0]?.method).toBe('notifications/subscriptions/acknowledged')
    }
  })

  test('have it over stdio, where all come on one wire', async () => {
    const client = new ModernClient(url)
    const file = await stage.file('vmcp.yaml', config(httpOnly()))
    const { received, send } = rawStdio(stage, stdioDoor(file))
    for (const id of ['7', 7]) send(listen(id, client))
    await eventually(() => expect(received).toHaveLength(2))
    for (const { name } of httpOnly()) await callText(url, `${name}_update`)
    await eventually(() => expect(told(received)).toHaveLength(4))
    expect(
      told(received)
        .map((it) => JSON.stringify(tagOf(it)))
        .sort(),
    ).toEqual(['"7"', '"7"', '7', '7'])
    send({ method: 'notifications/cancelled', params: { requestId: 7 } })
    send({ id: 'then', method: 'server/discover', params: { _meta: client.meta() } })
    await eventually(() => expect(received.at(-1)?.id).toBe('then'))
    await callText(url, 'lh_update')
    await eventually(() => expect(told(received)).toHaveLength(5))
    expect(told(received).map(tagOf).at(-1)).toBe('7')
  })

  const httpOnly = () => backends.entries.filter(({ name }) => name === 'lh' || name === 'mh')
})

describe.each([
  ['legacy', connectV1],
  ['modern', connectV2],
] as const)('a %s client over stdio', (_, connect) => {
  test('hears of updates and of changed lists of every kind of backend', async () => {
    const file = await stage.file('vmcp.yaml', config(backends.entries))
    const client = await connect(stage, stdioDoor(file))
    await eventually(async () => {
      for (const { name } of KINDS) await stateOf(client, name)
    })
    for (const kind of KINDS) {
      await client.subscribe(newsOf(kind))
      await client.call(`${kind.name}_update`)
    }
    await eventually(() => expect(updates(client).sort()).toEqual(KINDS.map(newsOf).sort()))

    await client.watchLists()
    for (const { name } of KINDS) {
      const before = changesOf('prompts', client)
      await client.call(`${name}_turn`, { kind: 'prompts' })
      await eventually(() => expect(changesOf('prompts', client)).toBeGreaterThan(before))
    }
  })
})

describe.each(MUTE)('a $era backend that tells nobody of updates', ({ name }) => {
  test('is not said to: no client is promised any', async () => {
    const [legacy, modern] = [await connectV1(stage, { url }), await connectV2(stage, { url })]
    await expect(legacy.subscribe(`talk://${name}/news`)).rejects.toThrow(/'mute-.*' tells nobody of updates/)
    await expect(modern.subscribe(`talk://${name}/news`)).rejects.toThrow('not acknowledged')
  })
})

test('what is not there cannot be subscribed to', async () => {
  const [legacy, modern] = [await connectV1(stage, { url }), await connectV2(stage, { url })]
  await expect(legacy.subscribe('talk://no/such')).rejects.toThrow(/talk:\/\/no\/such' not found/)
  await expect(modern.subscribe('talk://no/such')).rejects.toThrow('not acknowledged')
})

// The last test: the servers are others afterwards.
test('subscriptions stand again when their backends have restarted, and their clients hear of it', async () => {
  const clients = [await connectV1(stage, { url }), await connectV2(stage, { url })]
  for (const client of clients) for (const kind of KINDS) await client.subscribe(newsOf(kind))

  const restart = async ({ name, era }: Kind) => {
    const server = backends.servers.get(name)
    if (server === undefined) return clients[0]?.call(`${name}_exit`).catch(() => {})
    await server.stop('SIGKILL')
    await stage.hosted('talking', { era, port: Number(new URL(server.ready).port), id: name })
  }
  await Promise.all(KINDS.map(restart))
  const all = KINDS.map(newsOf).sort()
  for (const client of clients) await eventually(() => expect(updates(client).sort()).toEqual(all))
  for (const { name } of KINDS) await clients[0]?.call(`${name}_update`)
  for (const client of clients)
    await eventually(() => expect(updates(client).sort()).toEqual([...all, ...all].sort()))
})
