import { LightController, type Signal } from '../../core/abort.ts'
import type { GatewayError } from '../../core/errors.ts'
import { LIMITS } from './limits.ts'
import type { Clock } from './ports.ts'

/** Runs `body` with a controller of its own that also fires with `parent`, and lets go of `parent` after. */
export async function scoped<T>(parent: Signal, body: (control: LightController) => Promise<T>): Promise<T> {
  const control = new LightController()
  const relay = () => control.abort(parent.reason)
  if (parent.aborted) relay()
  else parent.addEventListener('abort', relay)
  try {
    return await body(control)
  } finally {
    parent.removeEventListener('abort', relay)
  }
}

export interface Deadline {
  readonly parent: Signal
  readonly ms: number
  readonly clock: Clock
  /** Makes the reason with which the signal fires when time is up. */
  late(): GatewayError
}

/** A reason that needs no stack trace, for timers that have done their duty. */
const OVER = 'over'

/** Runs `body` with a signal that fires when time is up. The timer ends with the body. */
export function withDeadline<T>(limit: Deadline, body: (signal: Signal) => Promise<T>): Promise<T> {
  return scoped(limit.parent, async (control) => {
    const timer = new LightController()
    void limit.clock.sleep(limit.ms, timer.signal).then(() => {
      if (!timer.signal.aborted) control.abort(limit.late())
    })
    try {
      return await body(control.signal)
    } finally {
      timer.abort(OVER)
    }
  })
}

/**
 * Waits for work that was given `signal`. When the signal fires, work gets a moment to end, so that nothing
 * outlives the run, and its result no longer counts; work that does not listen is left behind.
 * @throws the reason of the signal
 */
export async function settle<T>(work: Promise<T>, signal: Signal, clock: Clock): Promise<T> {
  const ended = work.then(
    () => true,
    () => true,
  )
  if (await beforeAbort(ended, signal)) return work
  const grace = new LightController()
  await Promise.race([ended, clock.sleep(LIMITS.graceMs, grace.signal)])
  grace.abort(OVER)
  throw signal.reason
}

function beforeAbort(ended: Promise<boolean>, signal: Signal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const fired = () => resolve(false)
    signal.addEventListener('abort', fired, { once: true })
    void ended.then(() => {
      signal.removeEventListener('abort', fired)
      resolve(true)
    })
  })
}
