import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { ask, callText, eventually, toolNames } from '../../fixtures/ask.ts'
import { LegacyClient } from '../../fixtures/client.ts'
import { closedAfterEach } from '../../fixtures/closed.ts'
import { type BackendEntry, config } from '../../fixtures/config.ts'
import { descendantsOf } from '../../fixtures/processes.ts'
import { Stage, serverCommand } from '../../fixtures/stage.ts'
import { type Served, serveFile } from './served.ts'

const stage = closedAfterEach(new Stage())

const slow = { name: 's', transport: 'stdio' as const, ...serverCommand('slow', { era: 'legacy' }) }
const STRICT = {
  timeouts: { default: '1s' },
  failureHandling: {
    healthCheckInterval: '300ms',
    bulkhead: { maxConcurrent: 1, maxQueued: 0 },
    circuitBreaker: { enabled: true, failureThreshold: 1, timeout: '60s' },
  },
}

const asleep = (url: string, seconds: number) =>
  ask(url, 'tools/call', { name: 's_sleep', arguments: { seconds } })

async function edited(served: Served, operational: object, backend: BackendEntry = slow): Promise<void> {
  const { configuration } = await served.status()
  await served.edit(config([backend], { operational }))
  await eventually(async () =>
    expect((await served.status()).configuration.generation).toBe(configuration.generation + 1),
  )
}

async function expectStrict({ url }: Served): Promise<void> {
  const answers = await Promise.all([asleep(url, 20), asleep(url, 20)])
  const texts = answers.map(({ text }) => text).join('\n')
  expect(texts).toContain('did not answer within 1000 ms')
  expect(texts).toContain('is at its limit of calls')
}

test('other time-outs, bulkheads and breakers hold from the next call on, and reconnect nobody', async () => {
  const served = await serveFile(stage, config([slow]))
  await eventually(async () => expect(await toolNames(served.url)).toEqual(['s_sleep']))
  const client = await LegacyClient.open(served.url)
  stage.defer(() => client.close())
  await client.result('tools/call', { name: 's_sleep', arguments: { seconds: 0 } })
  const children = descendantsOf(served.gateway.pid)
  const before = callText(served.url, 's_sleep', { seconds: 3 })
  await sleep(200)

  await edited(served, STRICT)
  await expectStrict(served)
  expect(await before).toBe('awake')
  const answer = () => asleep(served.url, 20).then(({ text }) => text)
  await eventually(async () => expect(await answer()).toContain('is not called for now'))

  await edited(served, {})
  expect(await callText(served.url, 's_sleep', { seconds: 2 })).toBe('awake')
  await client.result('tools/call', { name: 's_sleep', arguments: { seconds: 0 } })
  expect(descendantsOf(served.gateway.pid)).toEqual(children)
  const { stdout } = await served.cli('reload')
  expect(stdout).not.toContain('replaced')
})

test('they hold for replicas too, whose connections stay', async () => {
  const one = await stage.hosted('slow', { era: 'legacy' })
  const other = await stage.hosted('slow', { era: 'legacy' })
  const backend = { name: 's', url: one.ready, replicas: [other.ready] }
  const served = await serveFile(stage, config([backend]))
  await eventually(async () => expect(await toolNames(served.url)).toEqual(['s_sleep']))
  await edited(served, STRICT, backend)
  await expectStrict(served)
  expect(served.gateway.stderr().match(/backend connected/g)).toHaveLength(2)
})
