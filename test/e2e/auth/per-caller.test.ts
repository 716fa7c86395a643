import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import type { LegacyClient, ModernClient, RpcMessage } from '../../fixtures/client.ts'
import type { Json } from '../../fixtures/fixture.ts'
import { messageOf, type Scene, textOf, toolsOf, Users } from './users.ts'

let users: Users
beforeAll(async () => {
  users = await Users.open()
})
afterAll(() => users.stage.close())

const SCENES = [
  { era: 'legacy', open: undefined, what: 'a legacy backend that lets nobody in without a token' },
  { era: 'modern', open: undefined, what: 'a modern backend that lets nobody in without a token' },
  { era: 'legacy', open: ['lobby'], what: 'a legacy backend that shows something to everybody' },
  { era: 'modern', open: ['lobby'], what: 'a modern backend that shows something to everybody' },
] as const

describe.each(SCENES)('$what', ({ era, open }) => {
  let its: Scene
  beforeAll(async () => {
    its = await users.scene({ era, open })
    its.guarded.show('ann', 'a1', 'both')
    its.guarded.show('bob', 'b1', 'both')
  })

  test('shows each user what is theirs, whoever asks at the same time', async () => {
    const clients = await Promise.all(
      (['legacy', 'modern'] as const).flatMap((door) => [
        users.as('ann', door, its),
        users.as('bob', door, its),
      ]),
    )
    const own = [['own_a1'], ['own_b1'], ['own_a1'], ['own_b1']]
    for (let round = 0; round < 5; round++) {
      const lists = await Promise.all(clients.map(toolsOf))
      expect(lists).toEqual(own.map((names) => ['echo_echo', ...names, 'own_both']))
    }
  })

  test('is called as the user who calls, and no session is of two users', async () => {
    const clients = await Promise.all(
      (['legacy', 'modern'] as const).flatMap((door) => [
        users.as('ann', door, its),
        users.as('bob', door, its),
      ]),
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
      const bob = await users.as('bob', door, its)
      expect(await messageOf(bob.request('tools/call', { name: 'own_a1', arguments: {} }))).toContain(
        "tool 'own_a1' not found",
      )
    }
  })

  test('goes on with a refreshed token, on the same sessions', async () => {
    const user = `ann-${era}-${open}`
    its.guarded.show(user, 'x')
    for (const door of ['legacy', 'modern'] as const) {
      const client = await users.as(user, door, its)
      expect(await textOf(client, 'own_x')).toBe(`x as ${user}`)
      const before = its.guarded.sessions
      const fresh = { authorization: `Bearer ${await users.idp.token({ subject: user, claims: { n: 1 } })}` }
      const reply = await client.request('tools/call', { name: 'own_x', arguments: {} }, fresh)
      expect(reply.text).toContain(`x as ${user}`)
      expect(its.guarded.sessions).toBe(before)
    }
    expect(its.guarded.mixed).toEqual([])
  })

  test('is not for caches that users share', async () => {
    const { cacheScope } = await (await users.as('ann', 'modern', its)).result('tools/list')
    expect(cacheScope).toBe('private')
  })

  test('tells a change of what one user is shown to that user alone', async () => {
    const heard = { ann: [] as string[], bob: [] as string[] }
    for (const user of ['ann', 'bob'] as const) {
      const legacy = (await users.as(user, 'legacy', its)) as LegacyClient
      await legacy.raw.events(legacy.sessionHeaders, ({ method }) => heard[user].push(`legacy ${method}`))
      const modern = (await users.as(user, 'modern', its)) as ModernClient
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
    expect(await toolsOf(await users.as('ann', 'modern', its))).toContain('own_a2')
    expect(await toolsOf(await users.as('bob', 'modern', its))).not.toContain('own_a2')
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
      const eve = await users.as(user, door, its)
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
    const mal = await users.as(user, 'modern', its)
    expect(await toolsOf(mal)).toContain('own_m')
    its.guarded.ban(user)
    expect(await messageOf(mal.request('tools/call', { name: 'own_m', arguments: {} }))).toContain('401')
    expect(await toolsOf(mal)).toEqual(['echo_echo'])
    expect(await toolsOf(await users.as('bob', 'modern', its))).toContain('own_b1')
  })
})

describe('a gateway that lists wholly or not at all', () => {
  test('lists nothing for a user who is refused, and says why; for others it lists', async () => {
    const operational = { failureHandling: { partialFailureMode: 'fail' } }
    const its = await users.scene({ era: 'modern', more: { operational } })
    its.guarded.show('ann', 'a')
    its.guarded.ban('eve')
    expect(await toolsOf(await users.as('ann', 'modern', its))).toEqual(['echo_echo', 'own_a'])
    const eve = await users.as('eve', 'modern', its)
    expect(await messageOf(eve.request('tools/list'))).toMatch(/without 'own': answered 401/)
  })
})

describe('the optimizer', () => {
  test("finds for each user what is theirs, and calls no other's", async () => {
    const its = await users.scene({ era: 'legacy', more: { optimizer: {} } })
    its.guarded.show('ann', 'send_letter')
    its.guarded.show('bob', 'open_letter')
    const found = async (user: string) => {
      const client = await users.as(user, 'modern', its)
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
    const bob = await users.as('bob', 'modern', its)
    const params = { name: 'call_tool', arguments: { tool_name: 'own_send_letter', parameters: {} } }
    expect(JSON.stringify(await bob.result('tools/call', params))).toContain('not found')
  })
})

function listen(client: ModernClient): RpcMessage & { method: string } {
  const notifications = { toolsListChanged: true }
  const params = { notifications, _meta: client.meta() }
  return { jsonrpc: '2.0', id: 'listen', method: 'subscriptions/listen', params }
}
