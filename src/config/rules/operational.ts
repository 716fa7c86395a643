import type { Finding } from '../diagnostics.ts'
import { formatDuration } from '../duration.ts'
import type { Place } from '../place.ts'
import { child, durationAt, entries, items, numberAt, wrong } from '../place.ts'

const DEFAULT_INTERVAL_MS = 30_000
const DEFAULT_TIMEOUT_MS = 30_000
const DEFAULT_DELAY_MS = 100
const DEFAULT_LONGEST_DELAY_MS = 2_000

export function* operational(root: Place): Iterable<Finding> {
  const block = child(root, 'operational', 'failureHandling')
  const timeout = child(block, 'healthCheckTimeout')
  const interval = durationAt(child(block, 'healthCheckInterval')) ?? DEFAULT_INTERVAL_MS
  if ((durationAt(timeout) ?? 0) >= interval)
    yield wrong(timeout, `healthCheckTimeout ${lessThan(timeout, 'healthCheckInterval', interval)}`)
  yield* circuitBreaker(child(block, 'circuitBreaker'))
  yield* retry(child(block, 'retry'))
  yield* extension(child(root, 'operational', 'timeouts'))
  for (const backend of items(child(root, 'backends'))) yield* ownHealth(backend, { timeout, interval })
}

/** The checks of one backend, whose times may be those of all. */
function* ownHealth(
  backend: Place,
  all: { readonly timeout: Place; readonly interval: number },
): Iterable<Finding> {
  const block = child(backend, 'health')
  const own = child(block, 'timeout')
  const interval = durationAt(child(block, 'interval')) ?? all.interval
  if ((durationAt(own) ?? 0) >= interval)
    yield wrong(own, `timeout ${lessThan(own, 'the interval of the checks', interval)}`)
  const shared = durationAt(all.timeout) ?? 0
  const isShorter = interval < all.interval && durationAt(own) === undefined
  if (isShorter && shared >= interval)
    yield wrong(
      child(block, 'interval'),
      `must be more than healthCheckTimeout (${formatDuration(shared)})`,
      'give this backend a health.timeout of its own',
    )
}

function lessThan(place: Place, what: string, ms: number): string {
  return `(${formatDuration(durationAt(place) ?? 0)}) must be less than ${what} (${formatDuration(ms)})`
}

function* retry(block: Place): Iterable<Finding> {
  const longest = child(block, 'maxDelay')
  const first = durationAt(child(block, 'initialDelay')) ?? DEFAULT_DELAY_MS
  if ((durationAt(longest) ?? DEFAULT_LONGEST_DELAY_MS) < first)
    yield wrong(longest, `must be at least initialDelay (${formatDuration(first)})`)
}

function* extension(timeouts: Place): Iterable<Finding> {
  const place = child(timeouts, 'extendOnProgress')
  const most = durationAt(place)
  if (most === undefined) return
  const all = [
    ['default', durationAt(child(timeouts, 'default')) ?? DEFAULT_TIMEOUT_MS] as const,
    ...entries(child(timeouts, 'perWorkload')).map(([name, it]) => [name, durationAt(it) ?? 0] as const),
  ]
  for (const [name, ms] of all)
    if (most <= ms)
      yield wrong(place, `must be more than the time that calls have anyway (${name}: ${formatDuration(ms)})`)
}

function* circuitBreaker(block: Place): Iterable<Finding> {
  if (child(block, 'enabled').value !== true) return
  const threshold = child(block, 'failureThreshold')
  const timeout = child(block, 'timeout')
  if ((numberAt(threshold) ?? 1) < 1) yield wrong(threshold, 'must be at least 1 when the breaker is enabled')
  if ((durationAt(timeout) ?? 1000) < 1000)
    yield wrong(timeout, 'must be at least 1s when the breaker is enabled')
}
