import type { ErrorCode, GatewayError } from '../../core/errors.ts'
import { type Headers, INVALID_REQUEST, NO_HEADERS, sendJson } from '../http/reply.ts'
import type { Arrival } from './arrival.ts'
import { errorFrame, frameLength } from './frame.ts'
import type { RequestId } from './message.ts'
import type { Service } from './service.ts'
import type { WireError } from './visit.ts'
import { watchOther } from './watch.ts'

/** A request that is refused, as far as it is known by then. */
export type Refused = Pick<Arrival, 'service' | 'req' | 'res'> &
  Partial<Pick<Arrival, 'principal' | 'sighting'>>

export interface Refusal extends WireError {
  /** Of the message that is refused. */
  readonly id?: RequestId | undefined
  readonly cause?: GatewayError
}

/** Refuses in the shape of a JSON-RPC error. */
export function refuseArrival(arrival: Refused, refusal: Refusal): void {
  const { status, error, id, headers = NO_HEADERS, cause } = refusal
  const frame = errorFrame(id, error)
  sendJson(arrival.res, status, frame, [...headers, ...challengeOf(arrival.service, cause)])
  const sighting = arrival.sighting ?? watchOther(arrival)
  sighting?.failed(error, { status, bytes: frameLength(frame), streamed: false }, cause)
}

export function invalidRequest(status: number, message: string, headers = NO_HEADERS): Refusal {
  return { status, error: { code: INVALID_REQUEST, message }, headers }
}

/** What authentication fails with, by no fault of ours. */
export const OF_SENDERS: readonly ErrorCode[] = ['unauthenticated', 'unavailable']

const UNCACHED: Headers = ['cache-control', 'no-store']
const RETRY_SECONDS = '5'

/** Refuses a sender who is not known, or cannot be now, in the shape of OAuth (RFC 6750 §3.1). */
export function refuseSender(arrival: Refused, cause: GatewayError): void {
  const { status, headers, error } = oauthReply(arrival.service, cause)
  const frame = [Buffer.from(JSON.stringify({ error, error_description: cause.message }))]
  sendJson(arrival.res, status, frame, [...UNCACHED, ...headers])
  const sighting = arrival.sighting ?? watchOther(arrival)
  const sent = { status, bytes: frameLength(frame), streamed: false }
  sighting?.failed({ code: status, message: cause.message }, sent, cause)
}

function oauthReply(service: Service, cause: GatewayError) {
  if (cause.code !== 'unauthenticated')
    return { status: 503, headers: ['retry-after', RETRY_SECONDS], error: 'temporarily_unavailable' }
  const said = cause.data?.['error']
  const { resource } = service.options
  const headers = resource === undefined ? NO_HEADERS : ['www-authenticate', resource.challenge(cause)]
  if (said === 'invalid_request') return { status: 400, headers, error: said }
  return { status: 401, headers, error: typeof said === 'string' ? said : 'invalid_request' }
}

/** What tells a client how to get a token that is good enough, where its own is what was lacking. */
export function challengeOf({ options: { resource } }: Service, cause: GatewayError | undefined): Headers {
  if (resource === undefined || cause?.scopes === undefined) return NO_HEADERS
  return ['www-authenticate', resource.challenge(cause)]
}
