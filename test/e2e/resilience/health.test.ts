import { beforeAll, describe, expect, test } from 'vitest'
import { ask, callText, eventually, listTools, toolNames } from '../../fixtures/ask.ts'
import { LegacyClient } from '../../fixtures/client.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { type Child, type Server, Stage } from '../../fixtures/stage.ts'
import { health, readiness, rowOf, series, statusText } from './status.ts'

const stage = closedAfterAll(new Stage())
const portOf = (child: Server) => Number(new URL(child.ready).port)

/** Checks each second. */
const watchful = (more: object = {}) => ({
  operational: {
    timeouts: { default: '5s' },
    failureHandling: { healthCheckInterval: '1s', unhealthyThreshold: 2, ...more },
  },
})

const MISSING = 'dev.vmcp/missingBackends'

describe.each(['legacy', 'modern'] as const)('a %s backend that is killed and started again', (era) => {
  test('is unhealthy within three checks, then degraded, then healthy', { timeout: 40_000 }, async () => {
    const backend = await stage.server('echo', { era })
    const gateway = await stage.gateway({ config: config([{ name: 'a', url: backend.ready }], watchful()) })
    const read = async () => (await rowOf(gateway.ready, 'a')).health
    await eventually(async () => expect(await read()).toBe('healthy'))
    await backend.stop('SIGKILL')
    const killed = performance.now()
    const down = await series(read, (it) => it === 'unhealthy')
    expect(performance.now() - killed).toBeLessThan(4_500)
    // Between the loss of the connection and a check that happens to be due there may be no time to look.
    expect(['healthy', 'unknown', 'unhealthy']).toEqual(expect.arrayContaining(down))
    const row = await rowOf(gateway.ready, 'a')
    expect(row.consecutive_failures).toBeGreaterThanOrEqual(2)
    expect(row.last_error?.message).toContain('connection refused')
    await stage.server('echo', { era, port: portOf(backend) })
    const up = await series(read, (it) => it === 'healthy')
    expect(up.slice(-2)).toEqual(['degraded', 'healthy'])
    expect(await callText(gateway.ready, 'a_echo', { input: 'back' })).toContain('back')
  })
})

describe('a breaker', () => {
  let backend: Child
  let gateway: Child
  const row = () => rowOf(gateway.ready, 'a')
  const call = () => ask(gateway.ready, 'tools/call', { name: 'a_echo', arguments: { input: 'x' } })

  beforeAll(async () => {
    backend = await stage.server('echo', { era: 'both' })
    const settings = watchful({
      unhealthyThreshold: 50,
      healthCheckInterval: '30s',
      circuitBreaker: { enabled: true, failureThreshold: 3, timeout: '6s' },
    })
    gateway = await stage.gateway({ config: config([{ name: 'a', url: backend.ready }], settings) })
    await eventually(async () => expect(await toolNames(gateway.ready)).toEqual(['a_echo']))
  })

  test('opens at its threshold by failing calls, refuses at once, and lets a call through after its time', {
    timeout: 40_000,
  }, async () => {
    expect((await row()).breaker).toMatchObject({ state: 'closed', opened: 0 })
    await backend.stop('SIGKILL')
    await eventually(async () => {
      await call()
      expect((await row()).breaker?.state).toBe('open')
    })
    const began = performance.now()
    const { error } = (await call()).message
    expect(performance.now() - began).toBeLessThan(1_000)
    expect(error?.message).toMatch(/backend 'a' is not called for now.*connection refused/)
    expect(error?.data).toMatchObject({ backend: 'a', reason: 'circuit_open' })
    expect(error?.data).toHaveProperty('retryAfterSeconds', expect.any(Number))
    const revived = await stage.server('echo', { era: 'both', port: portOf(backend) })
    expect(revived.ready).toBe(backend.ready)
    expect((await row()).breaker).toMatchObject({ state: 'open', opened: 1 })
    const states = await series(
      async () => (await row()).breaker?.state,
      (it) => it === 'half_open',
    )
    expect(states).toEqual(['open', 'half_open'])
    expect((await call()).text).toContain('x')
    expect((await row()).breaker).toMatchObject({ state: 'closed', opened: 1 })
    expect(gateway.stderr()).toMatch(/breaker opened[\s\S]*breaker half open[\s\S]*breaker closed/)
  })

  test('does not open for errors that a tool or a backend answers with', async () => {
    const flaky = await stage.hosted('flaky', { era: 'both' })
    const settings = watchful({ circuitBreaker: { enabled: true, failureThreshold: 1, timeout: '60s' } })
    const own = await stage.gateway({ config: config([{ name: 'f', url: flaky.ready }], settings) })
    await eventually(async () => expect(await toolNames(own.ready)).toEqual(['f_flaky']))
    for (let i = 0; i < 3; i++) {
      const { message } = await ask(own.ready, 'tools/call', { name: 'f_flaky', arguments: { n: 10 } })
      expect(message.result?.isError).toBe(true)
      await ask(own.ready, 'tools/call', { name: 'f_flaky', arguments: { n: 'not a number' } })
    }
    expect((await rowOf(own.ready, 'f')).breaker).toMatchObject({ state: 'closed', opened: 0 })
  })
})

describe('when one of two backends is down', () => {
  let up: Server
  let down: Child
  beforeAll(async () => {
    up = await stage.hosted('github', { era: 'both' })
    down = await stage.server('echo', { era: 'both' })
    await down.stop('SIGKILL')
  })
  const both = () => [
    { name: 'github', url: up.ready },
    { name: 'gone', url: down.ready },
  ]

  test('the other is served, and the answer names the one that is missing', async () => {
    const gateway = await stage.gateway({ config: config(both()) })
    await eventually(async () => expect(await listTools(gateway.ready)).toHaveLength(2))
    const modern = await ask(gateway.ready, 'tools/list')
    expect(modern.message.result?._meta).toMatchObject({ [MISSING]: ['gone'] })
    expect(modern.message.result?._meta).toHaveProperty('io.modelcontextprotocol/serverInfo')
    const client = await LegacyClient.open(gateway.ready)
    stage.defer(() => client.close())
    expect((await client.result('tools/list'))._meta).toEqual({ [MISSING]: ['gone'] })
    expect((await client.result('prompts/list'))._meta).toEqual({ [MISSING]: ['gone'] })
    expect(await readiness(gateway.ready)).toMatchObject({ status: 200 })
  })

  test('with partialFailureMode fail a list is an error until it is back, and then sessions are told', {
    timeout: 30_000,
  }, async () => {
    const gateway = await stage.gateway({
      config: config(both(), watchful({ partialFailureMode: 'fail' })),
    })
    const { message } = await ask(gateway.ready, 'tools/list')
    expect(message.error?.message).toMatch(/without 'gone': .*connection refused/)
    expect(message.error?.message).not.toContain(String(portOf(down)))
    expect(message.error?.data).toEqual({ missingBackends: ['gone'] })
    expect(await readiness(gateway.ready)).toMatchObject({ status: 503, reason: 'missing backends: gone' })
    const client = await LegacyClient.open(gateway.ready)
    stage.defer(() => client.close())
    await client.listen()
    expect((await client.request('tools/list')).message.error?.message).toContain("'gone'")
    expect(await callText(gateway.ready, 'github_list_repos')).toBeTruthy()
    await stage.server('echo', { era: 'both', port: portOf(down) })
    await eventually(async () => expect(await toolNames(gateway.ready)).toContain('gone_echo'))
    expect((await client.result('tools/list')).tools).toHaveLength(3)
    const told = () => client.notifications.map(({ method }) => method)
    await eventually(() => expect(told()).toContain('notifications/tools/list_changed'))
    expect(await readiness(gateway.ready)).toMatchObject({ status: 200 })
  })
})

test('when all backends are down a list is an error, and the gateway is not ready', async () => {
  const down = await stage.server('echo', { era: 'both' })
  await down.stop('SIGKILL')
  const gateway = await stage.gateway({ config: config([{ name: 'gone', url: down.ready }]) })
  const { message } = await ask(gateway.ready, 'tools/list')
  expect(message.error?.message).toMatch(/no backend is available: 'gone'/)
  expect(await readiness(gateway.ready)).toMatchObject({ status: 503, reason: 'no backend can be reached' })
})

test('operators read how backends do, and no addresses', async () => {
  const backend = await stage.hosted('echo', { era: 'modern' })
  const gateway = await stage.gateway({
    config: config([
      { name: 'a', url: backend.ready },
      { name: 'b', url: 'http://127.0.0.1:9/mcp' },
    ]),
  })
  await eventually(async () => expect((await rowOf(gateway.ready, 'b')).health).toBe('unhealthy'))
  expect(await rowOf(gateway.ready, 'a')).toMatchObject({
    health: 'healthy',
    era: 'modern',
    consecutive_failures: 0,
    last_error: null,
    connections: 1,
    running: 0,
  })
  const text = await statusText(gateway.ready)
  expect(text).not.toContain('127.0.0.1')
  expect(text).not.toContain(String(portOf(backend)))
  expect(await health(gateway.ready)).toMatchObject({
    monitoring_enabled: true,
    summary: { Total: 2, Healthy: 1, Unhealthy: 1, Degraded: 0, Unknown: 0, Unauthenticated: 0 },
    backends: {
      a: { Status: 'healthy', MCPRevision: '2026-07-28' },
      b: { LastErrorCategory: 'unavailable' },
    },
  })
})
