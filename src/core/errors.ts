/**
 * Why a request could not be served. The set is closed; the wire codes of each protocol era and of HTTP
 * are mapped from it at the edges only.
 */
export type ErrorCode =
  | 'parse' // not JSON
  | 'invalid_request' // JSON, but not a message that may be sent here and now
  | 'invalid_params' // the method is known, its parameters are not acceptable
  | 'method_not_found'
  | 'not_found' // no such tool, prompt or resource for this caller
  | 'denied' // a policy forbids it
  | 'unauthenticated'
  | 'header_mismatch' // an MCP header is missing, malformed, or says other than the body
  | 'unsupported_version'
  | 'capability_required' // the client lacks a capability that the call needs
  | 'too_large'
  | 'rate_limited'
  | 'unavailable' // the backend cannot be reached, or every one of them
  | 'timeout'
  | 'cancelled'
  | 'bad_gateway' // the backend answered with something that is not the protocol
  | 'backend' // the backend's own JSON-RPC error, relayed as it is
  | 'conflict' // names that several backends claim, where the strategy wants a decision
  | 'config'
  | 'internal'

/** A JSON-RPC 2.0 error object (§5.1). */
export interface RpcError {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

export interface ErrorDetails {
  readonly cause?: unknown
  /** Machine-readable facts for the client, put into `error.data`. Never secrets. */
  readonly data?: Readonly<Record<string, unknown>>
  /** The backend's own error; only with the code `backend`. */
  readonly rpc?: RpcError
  /** All scopes that an access token needs for what it lacks some for; only with the code `denied`. */
  readonly scopes?: readonly string[]
}

/** The one error class. `message` is for the person who can mend it and never holds a secret. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly data: Readonly<Record<string, unknown>> | undefined
  readonly rpc: RpcError | undefined
  readonly scopes: readonly string[] | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.data = details.data
    this.rpc = details.rpc
    this.scopes = details.scopes
  }

  /** What is unknown becomes an opaque internal error with its cause kept for the log. */
  static from(error: unknown): GatewayError {
    if (error instanceof GatewayError) return error
    return new GatewayError('internal', 'internal error', { cause: error })
  }

  static backend(rpc: RpcError): GatewayError {
    return new GatewayError('backend', rpc.message, { rpc })
  }
}
