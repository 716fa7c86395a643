import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { LegacyClient, ModernClient, type Reply, type RpcMessage } from '../../fixtures/client.ts'
import { config } from '../../fixtures/config.ts'
import type { Json } from '../../fixtures/fixture.ts'
import { AUDIENCE, Idp } from '../../fixtures/idp/idp.ts'
import { GuardedServer } from '../../fixtures/sdk/guarded.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'

type Client = LegacyClient | ModernClient
type Era = 'legacy' | 'modern'

const stage = new Stage()
let idp: Idp
let echo: string

beforeAll(async () => {
  idp = await Idp.start()
  stage.defer(() => idp.close())
  echo = (await stage.server('echo', { era: 'legacy' })).ready
})
afterAll(() => stage.close())

interface Scene {
  readonly guarded: GuardedServer
  readonly gateway: Child
}

/** A gateway over one backend for everybody, and one that is each user's own. */
async function scene(era: Era, open?: readonly string[], more: object = {}): Promise<Scene> {
  const guarded = await GuardedServer.start({ era, issuer: idp.issuer, ...(open && { open }) })
  stage.defer(() => guarded.close())
  const oidc = {
    issuer: idp.issuer,
    audience: AUDIENCE,
    resource: AUDIENCE,
    insecureAllowHttp: true,
    jwksAllowPrivateIp: true,
  }
  const gateway = await stage.gateway({
    config: config(
      [
        { name: 'echo', url: echo },
        { name: 'own', url: guarded.url },
      ],
      {
        incomingAuth: { type: 'oidc', oidc },
        outgoingAuth: { source: 'inline', backends: { own: { type: 'pass_through' } } },
        operational: { failureHandling: { partialFailureMode: 'best_effort' } },
        ...more,
      },
    ),
  })
  return { guarded, gateway }
}

async function as(user: string, era: Era, { gateway }: Scene): Promise<Client> {
  const headers = { authorization: `Bearer ${await idp.token({ subject: user })}` }
  const client =
    era === 'legacy'
      ? await LegacyClient.open(gateway.ready, { headers })
      : new ModernClient(gateway.ready, { headers })
  stage.defer(() => client.close())
  return client
}

async function toolsOf(client: Client): Promise<string[]> {
  const { tools } = await client.result('tools/list')
  return (tools as { name: string }[]).map(({ name }) => name)
}

async function textOf(client: Client, name: string): Promise<string> {
  const { content } = await client.result('tools/call', { name, arguments: {} })
  return String((content as { text: string }[])[0]?.text)
}

async function messageOf(reply: Promise<Reply>): Promise<string> {
  const { message } = await reply
  return message.error?.message ?? JSON.stringify(message.result)
}

const SCENES = [
  { era: 'legacy', open: undefined, what: 'a legacy backend that lets nobody in without a token' },
  { era: 'modern', open: undefined, what: 'a modern backend that lets nobody in without a token' },
  { era: 'legacy', open: ['lobby'], what: 'a legacy backend that shows something to everybody' },
  { era: 'modern', open: ['lobby'], what: 'a modern backend that shows something to everybody' },
] as const

describe.each(SCENES)('$what', ({ era, open }) => {
  let its: Scene
  beforeAll(async () => {
    its = await scene(era, open)
    its.guarded.show('ann', 'a1', 'both')
    its.guarded.show('bob', 'b1', 'both')
  })

  test('shows each user what is theirs, whoever asks at the same time', async () => {
    const clients = await Promise.all(
      (['legacy', 'modern'] as const).flatMap((door) => [as('ann', door, its), as('bob', door, its)]),
    )
    const own = [['own_a1'], ['own_b1'], ['own_a1'], ['own_b1']]
    for (let round = 0; round < 5; round++) {
      const lists = await Promise.all(clients.map(toolsOf))
      expect(lists).toEqual(own.map((names) => ['echo_echo', ...names, 'own_both']))
    }
  })

  test('is called as the user who calls, and no session is of two users', async () => {
    const clients = await Promise.all(
      (['legacy', 'modern'] as const).flatMap((door) => [as('ann', door, its), as('bob', door, its)]),
    )
    const texts = () => Promise.all(clients.map((client) => textOf(client, 'own_both')))
    const said = ['both as ann', 'both as bob', 'both as ann', 'both as bob']
    for (let round = 0; round < 5; round++) expect(await texts()).toEqual(said)
    expect(its.guarded.mixed).toEqual([])
    const nobodys = its.guarded.entries.filter(({ user, status }) => user === undefined && status < 400)
    expect(nobodys).toEqual([])
  })

  test("does not show or run a user's tool for another", async () => {
    for (const door of ['legacy', 'modern'] as const) {
      const bob = await as('bob', door, its)
      expect(await messageOf(bob.request('tools/call', { name: 'own_a1', arguments: {} }))).toContain(
        "tool 'own_a1' not found",
      )
    }
  })

  test('goes on with a refreshed token, on the same sessions', async () => {
    const user = `ann-${era}-${open}`
    its.guarded.show(user, 'x')
    for (const door of ['legacy', 'modern'] as const) {
      const client = await as(user, door, its)
      expect(await textOf(client, 'own_x')).toBe(`x as ${user}`)
      const before = its.guarded.sessions
      const fresh = { authorization: `Bearer ${await idp.token({ subject: user, claims: { n: 1 } })}` }
      const reply = await client.request('tools/call', { name: 'own_x', arguments: {} }, fresh)
      expect(reply.text).toContain(`x as ${user}`)
      expect(its.guarded.sessions).toBe(before)
    }
    expect(its.guarded.mixed).toEqual([])
  })

  test('is not for caches that users share', async () => {
    const { cacheScope } = await (await as('ann', 'modern', its)).result('tools/list')
    expect(cacheScope).toBe('private')
  })

  test('tells a change of what one user is shown to that user alone', async () => {
    const heard = { ann: [] as string[], bob: [] as string[] }
    for (const user of ['ann', 'bob'] as const) {
      const legacy = (await as(user, 'legacy', its)) as LegacyClient
      await legacy.raw.events(legacy.sessionHeaders, ({ method }) => heard[user].push(`legacy ${method}`))
      const modern = (await as(user, 'modern', its)) as ModernClient
      await modern.raw.subscribe(listen(modern), ({ method }) => heard[user].push(`modern ${method}`))
      await Promise.all([toolsOf(legacy), toolsOf(modern)])
    }
    await eventually(() => expect(heard.ann).toContain('modern notifications/subscriptions/acknowledged'))
    // Their own streams at the backend are open by then.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    heard.ann.length = 0
    heard.bob.length = 0
    its.guarded.show('ann', 'a1', 'a2', 'both')
    const changed = 'notifications/tools/list_changed'
    await eventually(() => expect([...heard.ann].sort()).toEqual([`legacy ${changed}`, `modern ${changed}`]))
    expect(await toolsOf(await as('ann', 'modern', its))).toContain('own_a2')
    expect(await toolsOf(await as('bob', 'modern', its))).not.toContain('own_a2')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(heard.bob).toEqual([])
  })

  test('is healthy, and the gateway is ready', async () => {
    const { gateway } = its
    const reply = await fetch(new URL('/readyz', gateway.ready))
    expect([reply.status, await reply.json()]).toEqual([200, { status: 'ready', mode: 'static' }])
    const status = (await (await fetch(new URL('/status', gateway.ready))).json()) as Json
    const own = (status.backends as Json[]).find(({ name }) => name === 'own')
    expect(own).toMatchObject({ health: 'healthy', auth_type: 'pass_through', views: expect.any(Number) })
  })

  test('that refuses a user is said to be missing, and why when it is called', async () => {
    const user = `eve-${era}-${open}`
    its.guarded.ban(user)
    for (const door of ['legacy', 'modern'] as const) {
      const eve = await as(user, door, its)
      const { tools, _meta } = await eve.result('tools/list')
      expect((tools as Json[]).map(({ name }) => name)).toEqual(['echo_echo'])
      expect(_meta).toMatchObject({ 'dev.vmcp/missingBackends': ['own'] })
      const said = await messageOf(eve.request('tools/call', { name: 'own_both', arguments: {} }))
      expect(said).toMatch(/backend 'own': answered 401/)
      expect(await messageOf(eve.request('tools/call', { name: 'echo_x', arguments: {} }))).toContain(
        "tool 'echo_x' not found",
      )
    }
  })

  test('that takes a user back out shows them nothing any more, and is there for others', async () => {
    const user = `mal-${era}-${open}`
    its.guarded.show(user, 'm')
    const mal = await as(user, 'modern', its)
    expect(await toolsOf(mal)).toContain('own_m')
    its.guarded.ban(user)
    expect(await messageOf(mal.request('tools/call', { name: 'own_m', arguments: {} }))).toContain('401')
    expect(await toolsOf(mal)).toEqual(['echo_echo'])
    expect(await toolsOf(await as('bob', 'modern', its))).toContain('own_b1')
  })
})

describe('a gateway that lists wholly or not at all', () => {
  test('lists nothing for a user who is refused, and says why; for others it lists', async () => {
    const operational = { failureHandling: { partialFailureMode: 'fail' } }
    const its = await scene('modern', undefined, { operational })
    its.guarded.show('ann', 'a')
    its.guarded.ban('eve')
    expect(await toolsOf(await as('ann', 'modern', its))).toEqual(['echo_echo', 'own_a'])
    const eve = await as('eve', 'modern', its)
    expect(await messageOf(eve.request('tools/list'))).toMatch(/without 'own': backend 'own': answered 401/)
  })
})

describe('the optimizer', () => {
  test("finds for each user what is theirs, and calls no other's", async () => {
    const its = await scene('legacy', undefined, { optimizer: {} })
    its.guarded.show('ann', 'send_letter')
    its.guarded.show('bob', 'open_letter')
    const found = async (user: string) => {
      const client = await as(user, 'modern', its)
      const args = { tool_description: 'letter' }
      const { structuredContent } = await client.result('tools/call', { name: 'find_tool', arguments: args })
      return (structuredContent as { tools: Json[] }).tools.map(({ name }) => name)
    }
    const lists = await Promise.all(['ann', 'bob', 'ann', 'bob'].map(found))
    expect(lists).toEqual([
      ['own_send_letter'],
      ['own_open_letter'],
      ['own_send_letter'],
      ['own_open_letter'],
    ])
    const bob = await as('bob', 'modern', its)
    const params = { name: 'call_tool', arguments: { tool_name: 'own_send_letter', parameters: {} } }
    expect(JSON.stringify(await bob.result('tools/call', params))).toContain('not found')
  })
})

function listen(client: ModernClient): RpcMessage & { method: string } {
  const notifications = { toolsListChanged: true }
  const params = { notifications, _meta: client.meta() }
  return { jsonrpc: '2.0', id: 'listen', method: 'subscriptions/listen', params }
}
