import type { Result } from '../../core/call.ts'
import { GatewayError } from '../../core/errors.ts'
import type { RawObject } from '../../core/raw.ts'
import { Failure } from './failure.ts'
import { withoutHop } from './meta.ts'
import { read, rpcErrorOf } from './rpc.ts'

const GREETING_BYTES = 1024 * 1024

/** What became of a request: its JSON-RPC response, or why there is none. */
export type Landing = RawObject | Failure

/** @throws GatewayError `backend` for the backend's own error, or what the failure says */
export function toResult(landing: Landing, backend: string): Result {
  try {
    const result = resultOf(landing, backend)
    return { type: typeOf(result, backend), body: withoutHop(result.without(['resultType'])) }
  } catch (error) {
    throw Failure.of(error)?.toCallError(backend) ?? error
  }
}

/** The bare `result` of a handshake, where every error is about us. @throws GatewayError that names the backend */
export function greetingOf(landing: Landing, backend: string): RawObject {
  if (landing instanceof Failure) throw landing.toError(backend)
  const error = rpcErrorOf(landing)
  if (error === undefined) return small(resultOf(landing, backend), backend)
  throw malformed(backend, `refused to connect: ${error.message}`, GatewayError.backend(error))
}

/** A greeting is parsed, and kept as long as the connection. */
function small(result: RawObject, backend: string): RawObject {
  if (result.bytes.length <= GREETING_BYTES) return result
  throw malformed(backend, `introduced itself in more than ${GREETING_BYTES} bytes`)
}

/** The bare `result`. @throws as `toResult` */
export function resultOf(landing: Landing, backend: string): RawObject {
  const response = responseOf(landing, backend)
  const error = rpcErrorOf(response)
  if (error !== undefined) throw GatewayError.backend(error)
  const result = response.object('result')
  if (result === undefined) throw malformed(backend, 'answered with a response that has no result')
  return result
}

function responseOf(landing: Landing, backend: string): RawObject {
  if (!(landing instanceof Failure)) return landing
  if (landing.response !== undefined && isAboutTheRequest(landing, landing.response)) return landing.response
  throw landing.toError(backend)
}

/** What is said about our credentials and our rate is not about the call, nor what names no request. */
function isAboutTheRequest({ status }: Failure, response: RawObject): boolean {
  if (status === 401 || status === 403 || status === 407 || status === 429) return false
  return status === 400 || status === 404 || (response.text('id') ?? 'null') !== 'null'
}

/** MCP 2026-07-28, basic: servers of earlier revisions send no `resultType`, which means `complete`. */
function typeOf(result: RawObject, backend: string): string {
  if (!result.has('resultType')) return 'complete'
  const type = read(result, 'resultType')
  if (typeof type === 'string') return type
  throw malformed(backend, 'answered with a resultType that is not a string')
}

function malformed(backend: string, what: string, cause?: GatewayError): GatewayError {
  return new Failure('malformed', what, { cause }).toError(backend)
}
