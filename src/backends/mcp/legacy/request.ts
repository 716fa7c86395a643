import type { Result } from '../../../core/call.ts'
import { methodOf } from '../../../core/call.ts'
import type { BackendRequest } from '../../../core/ports.ts'
import type { Changes } from '../../../core/raw.ts'
import type { Headers, OutgoingRequest } from '../channel.ts'
import { Failure } from '../failure.ts'
import { requestFrame } from '../message.ts'
import { legacyMeta, traceHeaders } from '../meta.ts'
import { originName } from '../params.ts'
import type { Landing } from '../result.ts'

/** A call as it goes to a legacy server: nothing reserved in `_meta`, and a progress token of our own. */
export function encode(request: BackendRequest, id: number, headers: Headers): OutgoingRequest {
  const { call, item, caller, trace } = request
  // Literals with several spreads are slow on Node 20.
  const changes: Changes = Object.assign(
    {},
    originName(call, item),
    legacyMeta(call.params, id, trace),
    ofRetry(request),
  )
  const body = requestFrame(id, methodOf(call), ...call.params.piecesWith(changes))
  return { id, body, headers: trace === undefined ? headers : { ...headers, ...traceHeaders(trace) }, caller }
}

const NO_CHANGES: Changes = {}

/** What a modern client's retry says that a server of this era has no words for. */
function ofRetry({ caller, call }: BackendRequest): Changes {
  if (caller.era === 'legacy' || !call.params.has('inputResponses')) return NO_CHANGES
  return { inputResponses: undefined, requestState: undefined }
}

/**
 * Whether the server knows the session no more. The call was then not executed. The specification wants 404;
 * a widespread example server says 400 and names the session in the message.
 */
export function isSessionGone(landing: Landing): boolean {
  if (!(landing instanceof Failure) || landing.kind !== 'status') return false
  if (landing.status === 404) return true
  return (
    landing.status === 400 && (landing.response?.text('error')?.toLowerCase().includes('session') ?? false)
  )
}

/** Whether it is answered only when a task has ended (MCP 2025-11-25, basic/utilities/tasks). */
export function blocks({ call }: BackendRequest): boolean {
  return call.kind === 'task' && call.method === 'tasks/result'
}

/** Says in the later era how a result may be cached; here it says nothing. */
const CACHING = ['ttlMs', 'cacheScope']

export function ofThisEra(result: Result, { call }: BackendRequest): Result {
  return call.kind === 'resource' ? { ...result, body: result.body.without(CACHING) } : result
}
