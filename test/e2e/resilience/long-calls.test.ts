import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, eventually, toolNames } from '../../fixtures/ask.ts'
import { LegacyClient } from '../../fixtures/client.ts'
import { config } from '../../fixtures/config.ts'
import { type Child, Stage, serverCommand } from '../../fixtures/stage.ts'

const stage = new Stage()
let gateway: Child
let legacy: LegacyClient
const LONG = { seconds: 40 }

beforeAll(async () => {
  const [old, now] = await Promise.all([
    stage.hosted('slow', { era: 'legacy' }),
    stage.hosted('slow', { era: 'modern' }),
  ])
  const { command, args } = serverCommand('slow', { era: 'legacy' })
  const backends = [
    { name: 'old', url: old.ready },
    { name: 'now', url: now.ready },
    { name: 'child', transport: 'stdio' as const, command, args },
    { name: 'hasty', url: old.ready },
  ]
  const timeouts = { default: '60s', perWorkload: { hasty: '1s' } }
  gateway = await stage.gateway({ config: config(backends, { operational: { timeouts } }) })
  await eventually(async () => expect(await toolNames(gateway.ready)).toHaveLength(4))
  legacy = await LegacyClient.open(gateway.ready)
})
afterAll(async () => {
  await legacy.close()
  await stage.close()
})

/** All of them at the same time, so that the wait is one. */
describe.concurrent('a call of 40 seconds with a timeout of 60', () => {
  test.each(['old', 'now', 'child'])(
    'is answered for clients of both eras by the backend %s',
    { timeout: 70_000 },
    async (name) => {
      const call = { name: `${name}_sleep`, arguments: LONG }
      const began = performance.now()
      const replies = await Promise.all([
        ask(gateway.ready, 'tools/call', call),
        legacy.request('tools/call', call),
        // A client that takes plain JSON only gets it as late.
        legacy.request('tools/call', call, { accept: 'application/json' }),
      ])
      expect(performance.now() - began).toBeGreaterThan(39_500)
      for (const reply of replies) expect(reply.text).toContain('awake')
    },
  )

  test('is given up after the time of its own backend', { timeout: 20_000 }, async () => {
    const began = performance.now()
    const { message } = await ask(gateway.ready, 'tools/call', { name: 'hasty_sleep', arguments: LONG })
    expect(message.error?.message).toMatch(/backend 'hasty' did not answer within 1000 ms/)
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})
