import { expect, test, vi } from 'vitest'
import { Brief } from './brief.ts'
import { silent } from './log.ts'

test('what comes too often in one second is for those who want everything', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const written = { warn: 0, debug: 0 }
  const log = { ...silent, warn: () => written.warn++, debug: () => written.debug++ }
  const brief = new Brief(log)
  for (let n = 0; n < 1_000; n++) brief.warn({}, 'failed')
  expect(written).toEqual({ warn: 10, debug: 990 })
  vi.advanceTimersByTime(1_000)
  brief.warn({}, 'failed')
  expect(written.warn).toBe(11)
  vi.useRealTimers()
})
