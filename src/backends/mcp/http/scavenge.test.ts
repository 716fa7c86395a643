import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Scavenges } from './scavenge.ts'

const MB = 1024 * 1024

it('every eight megabytes of joined replies are followed by a minor collection', async () => {
  const kinds: unknown[] = []
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { detail?: { kind?: number } })[])
      kinds.push(entry.detail?.kind)
  })
  observer.observe({ entryTypes: ['gc'] })
  const scavenges = new Scavenges()
  const minor = () => kinds.filter((kind) => kind === constants.NODE_PERFORMANCE_GC_MINOR).length
  for (let i = 0; i < 200; i++) scavenges.count(8 * MB)
  await sleep(50)
  observer.disconnect()
  expect(minor()).toBeGreaterThanOrEqual(200)
})
