import type { GatewayConfig } from '../core/config.ts'
import { type Backends, isMissing, lastReady } from '../core/ports.ts'
import type { Readiness } from '../front/index.ts'

interface Served {
  readonly config: GatewayConfig
  readonly backends: Pick<Backends, 'all'>
}

/**
 * Whether a list would be answered: ready is a gateway of which some backend has completed a handshake, or wants
 * credentials of callers for one, and, where
 * the configuration wants all of them, of which none is missing.
 */
export function readinessOf({ config, backends: { all } }: Served): Readiness {
  if (all.length === 0) return { ready: true, mode: 'static' }
  const missing = all.filter(isMissing).map(({ name }) => name)
  if (config.partialFailure === 'fail' && missing.length > 0)
    return not(`missing backends: ${missing.join(', ')}`)
  if (all.some(({ state }) => state.status === 'reserved' || lastReady(state) !== undefined))
    return { ready: true, mode: 'static' }
  const isWaiting = all.some(({ state }) => state.status === 'connecting')
  return not(isWaiting ? 'no backend has answered yet' : 'no backend can be reached')
}

function not(reason: string): Readiness {
  return { ready: false, mode: 'static', reason }
}
