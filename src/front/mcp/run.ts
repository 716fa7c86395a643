import type { Call, Exchange } from '../../core/call.ts'
import type { Caller } from '../../core/caller.ts'
import type { Item } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Resolved } from '../../core/gateway.ts'
import { RawObject } from '../../core/raw.ts'
import type { Cancel } from './cancel.ts'
import type { Outcome } from './outcome.ts'
import type { Service } from './service.ts'
import type { Sighting } from './sighting.ts'

export interface Running {
  readonly call: Call
  readonly caller: Caller
  readonly exchange: Exchange & { close(): void }
  readonly cancel: Cancel
  readonly sighting: Sighting | undefined
  /** Looks at the item before the call is made, and throws to refuse it. */
  readonly inspect?: (item: Item) => void
}

/** Resolves a call and makes it. */
export async function runCall(service: Service, running: Running): Promise<Outcome> {
  const { call, caller, exchange, cancel } = running
  let resolved: Resolved
  try {
    resolved = await service.gateway.resolve(caller, call, service.closing.signal)
  } catch (error) {
    if (call.kind === 'completion' && GatewayError.from(error).code === 'not_found')
      return nothingToComplete()
    throw error
  }
  running.sighting?.found(resolved.item)
  running.inspect?.(resolved.item)
  if (cancel.aborted)
    throw new GatewayError('cancelled', 'the request was cancelled before the call was made')
  try {
    return { item: resolved.item, result: await resolved.run(exchange) }
  } finally {
    exchange.close()
  }
}

/** Completions are a courtesy: where nobody can complete, there are none. */
function nothingToComplete(): Outcome {
  const body = RawObject.of({ completion: { values: [], total: 0, hasMore: false } })
  return { item: undefined, result: { type: 'complete', body } }
}
