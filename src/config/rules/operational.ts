import type { Finding } from '../diagnostics.ts'
import { formatDuration } from '../duration.ts'
import type { Place } from '../place.ts'
import { child, durationAt, numberAt, wrong } from '../place.ts'

const DEFAULT_INTERVAL_MS = 30_000
const DEFAULT_CHECK_MS = 10_000

export function* operational(root: Place): Iterable<Finding> {
  const block = child(root, 'operational', 'failureHandling')
  const timeout = child(block, 'healthCheckTimeout')
  const interval = durationAt(child(block, 'healthCheckInterval')) ?? DEFAULT_INTERVAL_MS
  const effective = durationAt(timeout) || DEFAULT_CHECK_MS
  const given = durationAt(timeout) ?? durationAt(child(block, 'healthCheckInterval'))
  if (given !== undefined && effective >= interval) {
    yield wrong(
      timeout,
      `healthCheckTimeout (${formatDuration(effective)}) must be less than healthCheckInterval (${formatDuration(interval)})`,
    )
  }
  yield* circuitBreaker(child(block, 'circuitBreaker'))
}

function* circuitBreaker(block: Place): Iterable<Finding> {
  if (child(block, 'enabled').value !== true) return
  const threshold = child(block, 'failureThreshold')
  const timeout = child(block, 'timeout')
  if ((numberAt(threshold) ?? 1) < 1) yield wrong(threshold, 'must be at least 1 when the breaker is enabled')
  if ((durationAt(timeout) ?? 1000) < 1000)
    yield wrong(timeout, 'must be at least 1s when the breaker is enabled')
}
