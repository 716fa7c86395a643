import type { Result } from '../../core/call.ts'
import type { RpcError } from '../../core/errors.ts'
import { GatewayError } from '../../core/errors.ts'
import type { RawObject } from '../../core/raw.ts'
import { Failure } from './failure.ts'
import { withoutReserved } from './meta.ts'

/** What became of a request: its JSON-RPC response, or why there is none. */
export type Landing = RawObject | Failure

/** @throws GatewayError `backend` for the backend's own error, or what the failure says */
export function toResult(landing: Landing, backend: string): Result {
  const result = resultOf(landing, backend)
  return { type: typeOf(result, backend), body: strip(result) }
}

/** The bare `result` of a handshake, where every error is about us. @throws GatewayError that names the backend */
export function greetingOf(landing: Landing, backend: string): RawObject {
  if (landing instanceof Failure) throw landing.toError(backend)
  const error = landing.object('error')
  if (error === undefined) return resultOf(landing, backend)
  throw malformed(backend, `refused to connect: ${toRpcError(error).message}`)
}

/** The bare `result`. @throws as `toResult` */
export function resultOf(landing: Landing, backend: string): RawObject {
  const response = responseOf(landing, backend)
  const error = response.object('error')
  if (error !== undefined) throw GatewayError.backend(toRpcError(error))
  const result = response.object('result')
  if (result === undefined) throw malformed(backend, 'answered with a response that has no result')
  return result
}

function responseOf(landing: Landing, backend: string): RawObject {
  if (!(landing instanceof Failure)) return landing
  if (landing.response !== undefined && isAboutTheRequest(landing)) return landing.response
  throw landing.toError(backend)
}

/** 401, 403 and 5xx are the word of the server, or of a proxy, about us and not about the call. */
function isAboutTheRequest(failure: Failure): boolean {
  return failure.status === 400 || failure.status === 404 || failure.status === 422
}

function toRpcError(error: RawObject): RpcError {
  const code = error.value('code')
  const message = error.value('message')
  const data = error.has('data') ? { data: error.value('data') } : {}
  return {
    code: typeof code === 'number' && Number.isInteger(code) ? code : -32603,
    message: typeof message === 'string' ? message : 'the backend gave no reason',
    ...data,
  }
}

/** MCP 2026-07-28, basic: servers of earlier revisions send no `resultType`, which means `complete`. */
function typeOf(result: RawObject, backend: string): string {
  if (!result.has('resultType')) return 'complete'
  const type = result.value('resultType')
  if (typeof type === 'string') return type
  throw malformed(backend, 'answered with a resultType that is not a string')
}

function strip(result: RawObject): RawObject {
  const bare = result.without(['resultType'])
  const meta = bare.object('_meta')
  if (meta === undefined) return bare
  const kept = withoutReserved(meta)
  if (kept === meta) return bare
  return kept === undefined ? bare.without(['_meta']) : bare.with({ _meta: kept.toString() })
}

function malformed(backend: string, what: string): GatewayError {
  return new GatewayError('bad_gateway', `backend '${backend}': ${what}`)
}
