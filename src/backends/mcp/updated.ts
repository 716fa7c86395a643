import type { Notice } from '../../core/call.ts'
import { GatewayError } from '../../core/errors.ts'
import type { ServerFacts } from '../../core/ports.ts'
import { RawObject } from '../../core/raw.ts'

/** What a client is told where an update may have been missed: it reads the resource again. */
export function resourceUpdated(uri: string): Notice {
  return { method: 'notifications/resources/updated', params: RawObject.of({ uri }) }
}

/** Whether a server has declared that it tells of updates. */
export function tellsOfUpdates({ capabilities }: ServerFacts): boolean {
  return (capabilities['resources'] as { subscribe?: unknown } | undefined)?.subscribe === true
}

export function noSubscriptions(backend: string): GatewayError {
  const message = `backend '${backend}' tells nobody of updates: it does not take subscriptions to this`
  return new GatewayError('invalid_params', message)
}
