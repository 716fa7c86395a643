import { beforeAll, describe, expect, test } from 'vitest'
import { ask, callText, eventually, toolNames } from '../../fixtures/ask.ts'
import { LegacyClient, ModernClient } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import type { FixtureEra } from '../../fixtures/options.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'
import { rowOf } from './status.ts'

const stage = closedAfterAll(new Stage())
const settings = {
  operational: {
    timeouts: { default: '10s' },
    failureHandling: { healthCheckInterval: '1s', unhealthyThreshold: 2 },
  },
}

/** A gateway over three echo servers that say who they are. */
async function three(era: FixtureEra) {
  const servers = await Promise.all(['r1', 'r2', 'r3'].map((id) => stage.server('wire:echo', { era, id })))
  const [first, ...others] = servers as [Child, Child, Child]
  const backend = { name: 'x', url: first.ready, replicas: others.map(({ ready }) => ready) }
  const gateway = await stage.gateway({ config: config([backend], settings) })
  await eventually(async () => {
    expect((await rowOf(gateway.ready, 'x')).replicas?.map(({ health }) => health)).toEqual(
      Array(3).fill('healthy'),
    )
  })
  return { gateway, servers }
}

const idOf = (text: string) => (JSON.parse(text) as { id: string }).id

describe('replicas of a modern backend', () => {
  let gateway: Child
  let servers: readonly Child[]
  beforeAll(async () => {
    ;({ gateway, servers } = await three('modern'))
  })
  const call = async () => idOf(await callText(gateway.ready, 'x_echo', { input: 'hi' }))

  test('are one backend with one list', async () => {
    expect(await toolNames(gateway.ready)).toEqual(['x_echo'])
  })

  test('share calls at the same time', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, call))
    expect(new Set(ids).size).toBeGreaterThan(1)
  })

  test('do the work of one that is down, without an error', { timeout: 20_000 }, async () => {
    await (servers[0] as Child).stop('SIGKILL')
    const ids = await Promise.all(Array.from({ length: 20 }, call))
    expect(ids).not.toContain('r1')
    await eventually(async () => {
      const { health, replicas } = await rowOf(gateway.ready, 'x')
      expect(health).toBe('degraded')
      expect(replicas?.map((it) => it.health)).toEqual(['unhealthy', 'healthy', 'healthy'])
    })
    expect(await toolNames(gateway.ready)).toEqual(['x_echo'])
  })

  test('fail as one when all are down', { timeout: 20_000 }, async () => {
    for (const server of servers) await server.stop('SIGKILL')
    const { message } = await ask(gateway.ready, 'tools/call', { name: 'x_echo', arguments: { input: 'hi' } })
    expect(message.error?.message).toContain("backend 'x'")
    await eventually(async () => expect((await rowOf(gateway.ready, 'x')).health).toBe('unhealthy'))
  })
})

test('a legacy session keeps its replica, and gets another when that is down', {
  timeout: 30_000,
}, async () => {
  const { gateway, servers } = await three('legacy')
  const clients = await Promise.all(Array.from({ length: 6 }, () => LegacyClient.open(gateway.ready)))
  for (const client of clients) stage.defer(() => client.close())
  const call = async (client: LegacyClient) => {
    const result = await client.result('tools/call', { name: 'x_echo', arguments: { input: 'hi' } })
    const [block] = result.content as { text: string }[]
    return idOf(block?.text ?? '')
  }
  const [first] = clients as [LegacyClient]
  const home = await call(first)
  const others = clients.slice(1)
  for (let round = 0; round < 5; round++) {
    await Promise.all(others.map(call))
    expect(await call(first)).toBe(home)
  }
  const index = ['r1', 'r2', 'r3'].indexOf(home)
  await (servers[index] as Child).stop('SIGKILL')
  const next = await eventually(() => call(first))
  expect(next).not.toBe(home)
  for (let round = 0; round < 3; round++) expect(await call(first)).toBe(next)
})

test('a task stays with the replica that runs it', async () => {
  const servers = await Promise.all(
    ['t1', 't2'].map((id) => stage.server('rounds:tasks', { era: 'modern', id })),
  )
  const [one, two] = servers as [Child, Child]
  const gateway = await stage.gateway({
    config: config([{ name: 't', url: one.ready, replicas: [two.ready] }]),
  })
  await eventually(async () => expect(await toolNames(gateway.ready)).toHaveLength(1))
  const capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} }, elicitation: {} }
  const client = new ModernClient(gateway.ready, { capabilities })
  stage.defer(() => client.close())
  const { taskId } = await client.result('tools/call', { name: 't_work', arguments: { about: 'x' } })
  // More at the same time than one server would get.
  const seen = await Promise.all(Array.from({ length: 10 }, () => client.result('tasks/get', { taskId })))
  for (const task of seen) expect(task).toMatchObject({ taskId, status: 'input_required' })
  await client.result('tasks/cancel', { taskId })
  expect(await client.result('tasks/get', { taskId })).toMatchObject({ status: 'cancelled' })
})
