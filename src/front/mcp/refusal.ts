import type { GatewayError } from '../../core/errors.ts'
import { INVALID_REQUEST, NO_HEADERS, sendJson } from '../http/reply.ts'
import type { Arrival } from './arrival.ts'
import { errorFrame, frameLength } from './frame.ts'
import type { RequestId } from './message.ts'
import type { WireError } from './visit.ts'
import { watchOther } from './watch.ts'

/** A request that is refused, as far as it is known by then. */
export type Refused = Pick<Arrival, 'service' | 'req' | 'res'> &
  Partial<Pick<Arrival, 'principal' | 'sighting'>>

export interface Refusal extends WireError {
  /** Of the message that is refused. */
  readonly id?: RequestId | undefined
  readonly headers?: readonly string[]
  readonly cause?: GatewayError
}

/** Refuses in the shape of a JSON-RPC error. */
export function refuseArrival(arrival: Refused, refusal: Refusal): void {
  const { status, error, id, headers = NO_HEADERS, cause } = refusal
  const frame = errorFrame(id, error)
  sendJson(arrival.res, status, frame, headers)
  const sighting = arrival.sighting ?? watchOther(arrival)
  sighting?.failed(error, { status, bytes: frameLength(frame), streamed: false }, cause)
}

export function invalidRequest(status: number, message: string, headers = NO_HEADERS): Refusal {
  return { status, error: { code: INVALID_REQUEST, message }, headers }
}
