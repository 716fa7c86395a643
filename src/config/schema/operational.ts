import { z } from 'zod'
import { bulkhead } from './bulkhead.ts'
import { count, duration, flag, headerName, MAY_BE_ZERO } from './scalars.ts'

const circuitBreaker = z
  .strictObject({
    enabled: flag('Stop calling a backend that keeps failing.', false),
    failureThreshold: z
      .int()
      .default(5)
      .describe('Failures in a row that open the breaker; at least 1 when enabled.'),
    timeout: duration('How long it stays open; at least 1s when enabled.', MAY_BE_ZERO).prefault('60s'),
  })
  .describe('The circuit breaker of each backend.')

const retry = z
  .strictObject({
    maxAttempts: count('How often a call is made at most, the first time included.', 2, 10).default(3),
    initialDelay: duration('Before the first retry; it doubles with each further one.').prefault('100ms'),
    maxDelay: duration('The longest delay.').prefault('2s'),
    budgetPercent: count('Retries to a backend as a share of its calls.', 1, 100).default(20),
  })
  .describe(
    'Retries of calls that were surely not made, or that do no harm when made twice: reads, and tools with readOnlyHint or idempotentHint.',
  )

const failureHandling = z
  .strictObject({
    healthCheckInterval: duration('Time between two health checks of a backend.').prefault('30s'),
    unhealthyThreshold: count('Failures in a row that make a backend unhealthy.', 1).default(3),
    healthCheckTimeout: duration(
      'Time that one check may take; less than the interval. 0s means 10s, or half of the interval where that is less.',
      MAY_BE_ZERO,
    ).prefault('0s'),
    statusReportingInterval: duration(
      'Time between two log lines that sum up how the backends do; none where nothing has changed.',
    ).prefault('30s'),
    partialFailureMode: z
      .enum(['fail', 'best_effort'])
      .default('best_effort')
      .describe(
        'What a list is answered with while a backend is missing: an error that names it, or what the others offer.',
      ),
    circuitBreaker: circuitBreaker.optional(),
    retry: retry.optional(),
    bulkhead: bulkhead.optional(),
  })
  .describe('What happens when backends fail.')

const timeouts = z
  .strictObject({
    default: duration('Of a call to any backend.').prefault('30s'),
    perWorkload: z
      .record(z.string(), duration('Of a call to this backend.'))
      .optional()
      .describe('By backend name.'),
    extendOnProgress: duration(
      'With each progress that its backend tells, a call has its whole time again, up to this much from its start. Without it progress extends nothing.',
    ).optional(),
  })
  .describe('How long calls may take.')

export const operational = z
  .strictObject({
    logLevel: z
      .enum(['debug', 'info', 'warn', 'error'])
      .optional()
      .describe('Level of the log; `--log-level` and `--debug` win over it. Default: info.'),
    timeouts: timeouts.optional(),
    requestIdHeader: headerName(
      'A request header whose value names the request in the log and the audit log, instead of a name of ours.',
    ).optional(),
    failureHandling: failureHandling.optional(),
  })
  .describe('Running: timeouts, health checks, failures.')
