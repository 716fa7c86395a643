import type { AggregationPolicy, PartialFailureMode } from '../core/config.ts'
import type { Log } from '../core/log.ts'
import { PATIENCE } from './patience.ts'
import { PersonalRouter } from './personal/router.ts'
import { openRouter, type RoutedBackends, type Router } from './router.ts'

export function createRouter(
  backends: RoutedBackends,
  policy: AggregationPolicy,
  log: Log,
  partialFailure?: PartialFailureMode,
): Router {
  const patience = partialFailure === 'fail' ? { ...PATIENCE, graceMs: PATIENCE.firstMs } : PATIENCE
  const options = { backends, policy, log, patience, partialFailure }
  const isPersonal = backends.all.some(({ views }) => views !== undefined)
  return isPersonal ? new PersonalRouter(options) : openRouter(options)
}
