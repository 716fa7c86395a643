import { z } from 'zod'
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

const failureHandling = z
  .strictObject({
    healthCheckInterval: duration('Time between two health checks of a backend.').prefault('30s'),
    unhealthyThreshold: count('Failures in a row that make a backend unhealthy.', 1).default(3),
    healthCheckTimeout: duration(
      'Time that one check may take; less than the interval; 0s means 10s.',
      MAY_BE_ZERO,
    ).prefault('10s'),
    statusReportingInterval: duration('Time between two status reports.').prefault('30s'),
    partialFailureMode: z
      .enum(['fail', 'best_effort'])
      .default('fail')
      .describe('Whether one unhealthy backend fails the whole, or is left out.'),
    circuitBreaker: circuitBreaker.optional(),
  })
  .describe('What happens when backends fail.')

const timeouts = z
  .strictObject({
    default: duration('Of a call to any backend.').prefault('30s'),
    perWorkload: z
      .record(z.string(), duration('Of a call to this backend.'))
      .optional()
      .describe('By backend name.'),
  })
  .describe('How long calls may take.')

export const operational = z
  .strictObject({
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).optional().describe('Level of the log.'),
    timeouts: timeouts.optional(),
    requestIdHeader: headerName(
      'A request header whose value names the request in the log and the audit log, instead of a name of ours.',
    ).optional(),
    failureHandling: failureHandling.optional(),
  })
  .describe('Running: timeouts, health checks, failures.')
