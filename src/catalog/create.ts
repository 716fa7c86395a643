import type { AggregationPolicy, PartialFailureMode } from '../core/config.ts'
import type { Log } from '../core/log.ts'
import { PATIENCE } from './patience.ts'
import { PersonalRouter } from './personal/router.ts'
import { SessionRouter } from './personal/sessions.ts'
import { openRouter, type RoutedBackends, type Router, type RouterOptions } from './router.ts'

export function createRouter(
  backends: RoutedBackends,
  policy: AggregationPolicy,
  log: Log,
  partialFailure?: PartialFailureMode,
): Router {
  const patience = partialFailure === 'fail' ? { ...PATIENCE, graceMs: PATIENCE.firstMs } : PATIENCE
  const options = { backends, policy, log, patience, partialFailure }
  const hasSessions = backends.all.some(({ sessionViews }) => sessionViews !== undefined)
  return hasSessions ? new SessionRouter(options, openAny) : openAny(options)
}

function openAny(options: RouterOptions): Router {
  const isPersonal = options.backends.all.some(({ views }) => views !== undefined)
  return isPersonal ? new PersonalRouter(options) : openRouter(options)
}
