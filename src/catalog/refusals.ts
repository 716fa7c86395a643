import type { Origin } from '../core/catalog.ts'
import { GatewayError } from '../core/errors.ts'
import { type Backend, isMissing } from '../core/ports.ts'
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

/** Says which backends a list would lack, and why. */
export function incomplete(backends: readonly Backend[]): GatewayError {
  const missing = backends.filter(isMissing)
  const message =
    `the lists would be without ${missing.map(reasonOf).join('; ')}. ` +
    'With partialFailureMode: best_effort the other backends are served'
  return new GatewayError('unavailable', message, {
    data: { missingBackends: missing.map(({ name }) => name) },
  })
}

/** Every backend with the reason why there is nothing from it. */
export function unavailable(backends: readonly Backend[]): GatewayError {
  return new GatewayError('unavailable', `no backend is available: ${backends.map(reasonOf).join('; ')}`)
}

function reasonOf({ name, state, health }: Backend): string {
  if (state.status === 'failed') return `'${name}': ${withoutName(state.error.message, name)}`
  if (state.status === 'reserved') return `'${name}': shows what it has to callers alone`
  if (state.status === 'connecting') return `'${name}': has not answered yet`
  return `'${name}': ${withoutName(health.error?.message ?? health.status, name)}`
}

/** Messages of backends begin with their name, which stands before them here. */
function withoutName(message: string, name: string): string {
  return message.replace(`backend '${name}': `, '')
}
