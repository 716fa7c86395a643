import { METHOD } from '../../../core/call.ts'
import type { BackendRequest } from '../../../core/ports.ts'
import type { Headers, OutgoingRequest } from '../channel.ts'
import { Failure } from '../failure.ts'
import { requestFrame } from '../message.ts'
import { legacyMeta } from '../meta.ts'
import { originName } from '../params.ts'
import type { Landing } from '../result.ts'

/** A call as it goes to a legacy server: nothing reserved in `_meta`, and a progress token of our own. */
export function encode(request: BackendRequest, id: number, headers: Headers): OutgoingRequest {
  const { call, item, caller } = request
  const changes = { ...originName(call, item), ...legacyMeta(call.params, id) }
  return { id, body: requestFrame(id, METHOD[call.kind], call.params.bytesWith(changes)), headers, caller }
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
