import type { Ask } from '../../../core/call.ts'
import type { Caller } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { RawObject } from '../../../core/raw.ts'
import { requireCapability } from '../asks.ts'
import type { ReadCall } from '../calls.ts'
import { RequestExchange } from '../exchange.ts'
import { runCall } from '../run.ts'
import { MODERN_VERSION } from '../versions.ts'
import type { ModernRequest } from './request.ts'
import { stampResult } from './stamp.ts'

export async function call(read: ReadCall, modern: ModernRequest): Promise<readonly Buffer[]> {
  const { service, caller, request, visit, envelope } = modern
  const exchange = new RequestExchange(request, {
    outlet: visit.outlet,
    cancel: visit.cancel,
    floor: envelope.logLevel,
    ask: (ask) => refuse(ask, caller),
  })
  const { result } = await runCall(service, {
    call: read(request),
    caller,
    exchange,
    cancel: visit.cancel,
    inspect: (item) => visit.headers && service.paramHeaders.check(item, request.params, visit.headers),
  })
  return stampResult(result, request, service.identity)
}

/** This revision has no requests from server to client: input is asked for in results. */
async function refuse(ask: Ask, caller: Caller): Promise<RawObject> {
  requireCapability(caller, ask)
  throw new GatewayError(
    'capability_required',
    `the backend asked for ${ask.method} in the course of the call, which cannot be relayed to a client of ` +
      `${MODERN_VERSION}; use an earlier protocol version for this tool`,
  )
}
