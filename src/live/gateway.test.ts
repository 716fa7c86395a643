import { beforeEach, expect, test } from 'vitest'
import { closedAfterEach } from '../../test/fixtures/closed.ts'
import { createBackends } from '../backends/index.ts'
import { handMade, httpConfig, legacyBasics, Stage } from '../backends/testing.ts'
import { DEFAULT_AGGREGATION, DEFAULT_SESSIONS, type GatewayConfig } from '../core/config.ts'
import type { Layer } from '../core/gateway.ts'
import { silent } from '../core/log.ts'
import { Observing } from '../observe/observing.ts'
import { Kept } from '../stack/kept.ts'
import { LiveGateway } from './gateway.ts'
import { settled } from './settled.ts'

const stage = closedAfterEach(new Stage())
let kept: Kept
let backends: ReturnType<typeof createBackends>
let dials: number
let url: string

beforeEach(async () => {
  kept = new Kept()
  dials = 0
  url = await stage.serve(
    handMade((message, _, res) => {
      dials++
      legacyBasics(message, res)
    }),
  )
})

function config(names: readonly string[], more: Partial<GatewayConfig> = {}): GatewayConfig {
  return {
    name: 'live',
    group: undefined,
    backends: names.map((name) => httpConfig(url, { name, era: 'legacy' })),
    aggregation: DEFAULT_AGGREGATION,
    passthroughHeaders: [],
    sessions: DEFAULT_SESSIONS,
    ...more,
  }
}

async function open(layersOf: (config: GatewayConfig) => readonly Layer[]): Promise<LiveGateway> {
  const first = config(['a'])
  backends = createBackends(first.backends, { log: silent, version: '1' })
  const observing = new Observing()
  const live = new LiveGateway({
    config: first,
    backends,
    layersOf,
    kept,
    observing,
    log: silent,
    onApplied() {},
  })
  stage.later(() => live.close())
  await settled(backends, 5_000)
  return live
}

test('where a layer cannot be made, all that was made ready for it is closed again', async () => {
  const closed: string[] = []
  const live = await open(({ name }) => {
    kept.get('thing', { settings: name, make: () => name, close: (it) => closed.push(it) })
    if (name === 'bad') throw new Error('no such layer')
    return []
  })
  let discarded = 0
  live.parts.add({
    prepare: async () => ({
      commit() {
        throw new Error('was to be refused')
      },
      async discard() {
        discarded++
      },
    }),
  })
  const { all } = backends
  await expect(live.apply(config(['a', 'b'], { name: 'bad' }))).rejects.toThrow('no such layer')
  expect(discarded).toBe(1)
  expect(closed).toEqual(['bad'])
  expect(backends.all).toBe(all)
  expect(live.current.number).toBe(1)
  // The backend that was connected for it is not tried again.
  const before = dials
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(dials).toBe(before)
})

test('a part that opens while a change is applied is one of the configuration that comes of it', async () => {
  const live = await open(() => [])
  const applied = live.apply(config(['a'], { name: 'other' }))
  const joined = live.join(async ({ name }) => ({ name, prepare: async () => undefined }))
  await applied
  expect((await joined).name).toBe('other')
})
