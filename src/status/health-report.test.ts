import { afterEach, expect, it, vi } from 'vitest'
import { MemoryBackends, tools } from '../catalog/testing.ts'
import { reportHealth } from './health-report.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('the log sums up what has changed, once per interval, and nothing where nothing has', async () => {
  vi.useFakeTimers()
  const lines: [object, string][] = []
  const log = { debug() {}, warn() {}, error() {}, info: (f: object, m: string) => void lines.push([f, m]) }
  const backends = new MemoryBackends('a', 'b')
  const config = { healthReportMs: 1_000 } as never
  void reportHealth({ config, backends }, log)
  backends.at('a').offers(tools('x'))
  backends.at('a').is('healthy')
  await vi.advanceTimersByTimeAsync(500)
  backends.at('b').is('unhealthy')
  await vi.advanceTimersByTimeAsync(499)
  expect(lines).toEqual([])
  await vi.advanceTimersByTimeAsync(2)
  expect(lines).toEqual([[{ missing: ['b'] }, 'health: a healthy, b unhealthy']])
  backends.at('b').is('unhealthy')
  await vi.advanceTimersByTimeAsync(5_000)
  expect(lines).toHaveLength(1)
  await backends.close()
})
