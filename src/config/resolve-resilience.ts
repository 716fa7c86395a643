import {
  type BackendConfig,
  type BulkheadPolicy,
  DEFAULT_RESILIENCE,
  type HealthPolicy,
  type Resilience,
} from '../core/config.ts'
import type { BackendInput } from './schema/backends.ts'
import type { BulkheadInput } from './schema/bulkhead.ts'
import type { ConfigInput } from './schema/root.ts'

type Operational = NonNullable<ConfigInput['operational']>

const CHECK_MS = 10_000

/** What holds for every backend that says nothing else. */
export function toResilience({ failureHandling, timeouts }: Operational = {}): Resilience {
  const { circuitBreaker, retry, bulkhead } = failureHandling ?? {}
  return {
    health: failureHandling ? toHealth(failureHandling) : DEFAULT_RESILIENCE.health,
    breaker: circuitBreaker?.enabled
      ? { threshold: circuitBreaker.failureThreshold, openMs: circuitBreaker.timeout }
      : undefined,
    retry: retry && {
      attempts: retry.maxAttempts,
      delayMs: retry.initialDelay,
      maxDelayMs: retry.maxDelay,
      budget: retry.budgetPercent / 100,
    },
    bulkhead: bulkhead ? toBulkhead(bulkhead) : DEFAULT_RESILIENCE.bulkhead,
    extendMs: timeouts?.extendOnProgress,
  }
}

/** What one backend says of itself, over what holds for all. */
function withOwn(shared: Resilience, { health, bulkhead }: BackendInput): Resilience {
  return {
    ...shared,
    ...(bulkhead && { bulkhead: toBulkhead(bulkhead) }),
    ...(health && { health: ownHealth(shared.health ?? DEFAULT_RESILIENCE.health, health) }),
  }
}

/** The backends that say something of themselves. */
export function ownResilience(
  shared: Resilience,
  backends: readonly BackendInput[],
): ReadonlyMap<BackendConfig['name'], Resilience> {
  return new Map(backends.map((backend) => [backend.name, withOwn(shared, backend)]))
}

function toHealth(input: NonNullable<Operational['failureHandling']>): HealthPolicy {
  const { healthCheckInterval: intervalMs, healthCheckTimeout, unhealthyThreshold: threshold } = input
  return { intervalMs, threshold, timeoutMs: healthCheckTimeout || checkMs(intervalMs) }
}

function ownHealth(
  shared: HealthPolicy | undefined,
  own: NonNullable<BackendInput['health']>,
): HealthPolicy | undefined {
  if (!own.enabled || shared === undefined) return undefined
  const intervalMs = own.interval ?? shared.intervalMs
  const timeoutMs = own.timeout ?? Math.min(shared.timeoutMs, checkMs(intervalMs))
  return { intervalMs, timeoutMs, threshold: own.unhealthyThreshold ?? shared.threshold }
}

function checkMs(intervalMs: number): number {
  return Math.min(CHECK_MS, Math.ceil(intervalMs / 2))
}

function toBulkhead({ maxConcurrent, maxQueued }: BulkheadInput): BulkheadPolicy {
  return { concurrent: maxConcurrent, queued: maxQueued }
}
