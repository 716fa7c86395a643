import type { Result } from '../../core/call.ts'
import { GatewayError, type RpcError } from '../../core/errors.ts'
import type { Ending } from '../../core/witness.ts'
import { knownCode, OTHER, TOOL_ERROR } from './methods.ts'

export interface Failure {
  /** `error.type` of a span. */
  readonly type: string
  /** The same of a metric, where it has few values. */
  readonly label: string
  /** The code of JSON-RPC, where there is one. */
  readonly code?: string
  readonly message: string | undefined
}

const TOOL: Failure = { type: TOOL_ERROR, label: TOOL_ERROR, message: undefined }

/** How a request did not go well; `undefined` where it did. */
export function failureOf({ error, cause, result, status }: Ending): Failure | undefined {
  if (error !== undefined) return withCode(error)
  if (cause !== undefined) return { type: cause.code, label: cause.code, message: cause.message }
  if (result !== undefined && isToolError(result)) return TOOL
  if (status !== undefined && status >= 400)
    return { type: String(status), label: String(status), message: undefined }
  return undefined
}

/** The same of a call of a backend. */
export function failureIn(error: unknown): Failure {
  const { code, rpc, message } = GatewayError.from(error)
  if (rpc !== undefined) return withCode(rpc)
  return { type: code === 'internal' ? OTHER : code, label: code === 'internal' ? OTHER : code, message }
}

function withCode({ code, message }: Pick<RpcError, 'code' | 'message'>): Failure {
  return { type: String(code), label: knownCode(code), code: knownCode(code), message }
}

export function failureInResult(result: Result): Failure | undefined {
  return isToolError(result) ? TOOL : undefined
}

function isToolError({ body }: Result): boolean {
  return body.text('isError') === 'true'
}
