import { describe, expect, test } from 'vitest'
import { eventually } from '../fixtures/ask.ts'
import { LegacyClient, ModernClient, type RpcMessage } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import type { ServerFlags } from '../fixtures/stage.ts'
import { Stage, serverCommand } from '../fixtures/stage.ts'

const stage = closedAfterAll(new Stage())
async function entry(flags: ServerFlags) {
  if (flags.transport === 'stdio') {
    // A process for each session would change alone, where no other session sees it.
    return {
      name: 'c',
      transport: 'stdio' as const,
      connection: 'shared',
      ...serverCommand('changing', flags),
    }
  }
  const { ready } = await stage.hosted('changing', flags)
  return { name: 'c', url: ready, ...(flags.transport === 'sse' && { transport: 'sse' as const }) }
}

async function legacySession(url: string) {
  const client = await LegacyClient.open(url)
  stage.defer(() => client.close())
  await client.listen()
  return {
    request: (method: string, params: object) => client.result(method, { ...params }),
    heard: () => client.notifications,
  }
}

async function modernSubscriber(url: string) {
  const client = new ModernClient(url)
  stage.defer(() => client.close())
  const heard: RpcMessage[] = []
  const body = {
    jsonrpc: '2.0',
    id: 'listen-1',
    method: 'subscriptions/listen',
    params: { notifications: { toolsListChanged: true }, _meta: client.meta() },
  }
  await client.raw.subscribe(body, (message) => heard.push(message))
  return {
    request: (method: string, params: object) => client.result(method, { ...params }),
    heard: () => heard,
  }
}

const BACKENDS: [string, ServerFlags][] = [
  ['modern HTTP', { era: 'modern', transport: 'http' }],
  ['legacy HTTP', { era: 'legacy', transport: 'http' }],
  ['HTTP+SSE', { era: 'legacy', transport: 'sse' }],
  ['modern stdio', { era: 'modern', transport: 'stdio' }],
  ['legacy stdio', { era: 'legacy', transport: 'stdio' }],
]

describe.each(BACKENDS)('a %s backend that changes', (_name, flags) => {
  test.each([
    ['legacy session', legacySession],
    ['modern subscriber', modernSubscriber],
  ])('tells a %s, which lists and calls in the same breath', async (_client, open) => {
    const gateway = await stage.gateway({ config: config([await entry(flags)]) })
    const client = await open(gateway.ready)
    const tools = async () =>
      ((await client.request('tools/list', {})).tools as { name: string }[]).map(({ name }) => name)
    const call = (name: string, args: object) => client.request('tools/call', { name, arguments: args })
    const changes = () =>
      client.heard().filter(({ method }) => method === 'notifications/tools/list_changed').length

    await eventually(async () => expect(await tools()).toEqual(['c_add_tool', 'c_remove_tool']))
    const before = changes()
    await call('c_add_tool', { name: 'fresh' })
    await eventually(() => expect(changes()).toBeGreaterThan(before))
    await eventually(async () => expect(await tools()).toContain('c_fresh'))
    expect(JSON.stringify(await call('c_fresh', {}))).toContain('fresh ran')

    const between = changes()
    await call('c_remove_tool', { name: 'fresh' })
    await eventually(() => expect(changes()).toBeGreaterThan(between))
    await eventually(async () => expect(await tools()).not.toContain('c_fresh'))
  })
})

describe('a legacy stdio backend, which is a process for each session,', () => {
  const names = async (client: LegacyClient) =>
    ((await client.result('tools/list')).tools as { name: string }[]).map(({ name }) => name)
  const changes = ({ notifications }: LegacyClient) =>
    notifications.filter(({ method }) => method === 'notifications/tools/list_changed').length
  const call = (client: LegacyClient, name: string, args: object = {}) =>
    client.result('tools/call', { name, arguments: args })

  test('shows what it adds to the session whose process it is, and to no other', async () => {
    const flags: ServerFlags = { era: 'legacy', transport: 'stdio' }
    const backend = { name: 'c', transport: 'stdio' as const, ...serverCommand('changing', flags) }
    const gateway = await stage.gateway({ config: config([backend]) })
    const [one, other] = await Promise.all([
      LegacyClient.open(gateway.ready),
      LegacyClient.open(gateway.ready),
    ])
    for (const client of [one, other]) {
      stage.defer(() => client.close())
      await client.listen()
      await call(client, 'c_remove_tool', { name: 'none' })
    }
    await call(one, 'c_add_tool', { name: 'fresh' })
    await eventually(async () => expect(await names(one)).toContain('c_fresh'))
    expect(changes(one)).toBeGreaterThan(0)
    expect(JSON.stringify(await call(one, 'c_fresh'))).toContain('fresh ran')
    expect(await names(other)).toEqual(['c_add_tool', 'c_remove_tool'])
    expect(changes(other)).toBe(0)
    const before = changes(one)
    await call(one, 'c_remove_tool', { name: 'fresh' })
    await eventually(async () => expect(await names(one)).toEqual(['c_add_tool', 'c_remove_tool']))
    expect(changes(one)).toBeGreaterThan(before)
  })
})
