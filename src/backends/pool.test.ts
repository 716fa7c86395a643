import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../test/fixtures/ask.ts'
import { descendantsOf } from '../../test/fixtures/processes.ts'
import { DEFAULT_RESILIENCE } from '../core/config.ts'
import { silent } from '../core/log.ts'
import { createBackends, type LiveBackends } from './index.ts'
import { exchange, httpConfig, modernCaller, stdioConfig, toolCall } from './testing.ts'

const one = stdioConfig('legacy', [], { name: 'one' })
const two = stdioConfig('legacy', [], { name: 'two' })

let backends: LiveBackends

beforeEach(async () => {
  backends = createBackends([one, two], { log: silent, version: '1' })
  await connected(backends)
})

afterEach(() => backends.close())

const connected = ({ all }: Pick<LiveBackends, 'all'>) =>
  eventually(() => expect(all.map(({ state }) => state.status)).toEqual(all.map(() => 'ready')))

const children = () => descendantsOf(process.pid)
const names = ({ all }: Pick<LiveBackends, 'all'>) => all.map(({ name }) => name)

test('backends with the same settings are the very same, whatever their labels', async () => {
  const [first, second] = backends.all
  const before = children()
  const next = backends.prepare([two, { ...one, metadata: { workload_status: 'running' } }])
  expect(next.changes).toEqual({ added: [], removed: [], replaced: [] })
  next.commit()
  expect(backends.all).toEqual([second, first])
  expect(children()).toEqual(before)
})

test('a backend stays what it is where only the terms of its calls are others', async () => {
  const [first] = backends.all
  const before = children()
  const next = backends.prepare([{ ...one, timeoutMs: 50 }, two])
  expect(next.changes).toEqual({ added: [], removed: [], replaced: [] })
  next.commit()
  expect(backends.all[0]).toBe(first)
  const call = first?.run({ caller: modernCaller(), ...toolCall('wait', {}) }, exchange())
  await expect(call).rejects.toThrow('within 50 ms')
  expect(children()).toEqual(before)
})

test('a backend that stays is checked at the interval that holds now', async () => {
  const health = { intervalMs: 20, timeoutMs: 1_000, threshold: 3 }
  const [first] = backends.all
  const before = first?.health.checkedAt ?? Number.NaN
  backends.prepare([{ ...one, resilience: { ...DEFAULT_RESILIENCE, health } }, two]).commit()
  await eventually(() => expect(first?.health.checkedAt).toBeGreaterThan(before))
  expect(backends.all[0]).toBe(first)
})

test('until they take the place of the others, new backends are beside them', async () => {
  const old = backends.all
  const next = backends.prepare([one, { ...two, env: { NEW: 'yes' } }, { ...one, name: 'three' }])
  expect(next.changes).toEqual({ added: ['three'], removed: [], replaced: ['two'] })
  await connected(next)
  expect(backends.all).toBe(old)
  next.commit()
  expect(names(backends)).toEqual(['one', 'two', 'three'])
  expect(backends.all[0]).toBe(old[0])
  expect(backends.all[1]).not.toBe(old[1])
})

test('those that are given up leave nothing behind, and the others alone', async () => {
  const before = children()
  const next = backends.prepare([{ ...one, name: 'three' }])
  await connected(next)
  await next.discard()
  await eventually(() => expect(children()).toEqual(before))
  expect(names(backends)).toEqual(['one', 'two'])
  await connected(backends)
})

test('those that are taken out are closed, and a call of them says why it cannot be', async () => {
  const [, removed] = backends.all
  const before = children().length
  backends.prepare([one]).commit()
  await eventually(() => expect(children().length).toBeLessThan(before))
  const call = removed?.run({ caller: modernCaller(), ...toolCall('echo', {}) }, exchange())
  await expect(call).rejects.toThrow(/two.*configuration has changed/)
})

test('those that are taken out stay for as long as they may still be called', async () => {
  const [, removed] = backends.all
  let inUse = true
  backends.prepare([one]).commit(() => inUse)
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(removed?.state.status).toBe('ready')
  const before = children().length
  inUse = false
  await eventually(() => expect(children().length).toBeLessThan(before))
})

test('where one of them cannot be made, nothing is left of those that were', async () => {
  const before = children()
  const three = httpConfig('https://127.0.0.1:1/mcp', { name: 'three', caBundlePath: '/none/ca.pem' })
  const first = { ...one, name: 'first' }
  expect(() => backends.prepare([one, two, first, three])).toThrow('/none/ca.pem')
  await eventually(() => expect(children()).toEqual(before))
})
