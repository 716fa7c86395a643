import { performance } from 'node:perf_hooks'
import type { Signal } from '../../core/abort.ts'
import type { Clock } from './ports.ts'

/** Beyond this, `setTimeout` fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0 && !signal.aborted; left -= LONGEST_TIMER) {
      await nap(Math.min(left, LONGEST_TIMER), signal)
    }
  },
}

function nap(ms: number, signal: Signal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
