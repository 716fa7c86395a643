import type { Origin } from '../core/catalog.ts'
import { GatewayError } from '../core/errors.ts'
import type { Backend } from '../core/ports.ts'
import type { Conflict } from './conflict/claim.ts'

/** Lists every conflict with its backends, and how to mend them. */
export function conflictError(conflicts: readonly Conflict[]): GatewayError {
  const lines = conflicts.map(
    ({ name, origins }) => `'${name}' is claimed by ${origins.map(place).join(', ')}`,
  )
  return new GatewayError(
    'conflict',
    `conflicting tool names: ${lines.join('; ')}. The strategy 'manual' wants each decided: give all but one ` +
      'another name under aggregation.tools[].overrides, or hide them with filter or excludeAll',
    { data: { conflicts: conflicts.map(({ name, backends }) => ({ name, backends })) } },
  )
}

function place({ backend, name }: Origin): string {
  return `backend '${backend}' (its tool '${name}')`
}

/** Every backend with the reason why there is nothing from it. */
export function unavailable(backends: readonly Backend[]): GatewayError {
  const reasons = backends.map(({ name, state }) => {
    const reason = state.status === 'failed' ? state.error.message : 'has not answered yet'
    return `'${name}': ${reason}`
  })
  return new GatewayError('unavailable', `no backend is available: ${reasons.join('; ')}`)
}
