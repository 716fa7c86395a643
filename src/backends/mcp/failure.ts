import type { ErrorCode } from '../../core/errors.ts'
import { GatewayError } from '../../core/errors.ts'
import type { RawObject } from '../../core/raw.ts'
import { rpcErrorOf } from './rpc.ts'

export type FailureKind =
  | 'unsent' // the request did not leave: it was surely not executed
  | 'busy' // nor did this one, and the wire is there
  | 'broken' // lost on the way: it may or may not have been executed
  | 'status' // HTTP said no
  | 'malformed' // an answer that is not the protocol
  | 'too_large'
  | 'closed' // closed by us

export interface FailureDetails {
  readonly status?: number | undefined
  /** The JSON-RPC error that came with the status. */
  readonly response?: RawObject | undefined
  readonly cause?: unknown
}

/** Why a request got no JSON-RPC response. `message` is a sentence about the backend, without its name. */
export class Failure {
  readonly kind: FailureKind
  readonly message: string
  readonly status: number | undefined
  readonly response: RawObject | undefined
  readonly cause: unknown

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    this.kind = kind
    this.message = message
    this.status = details.status
    this.response = details.response
    this.cause = details.cause
  }

  /** The failure that an error was made of. */
  static of(error: unknown): Failure | undefined {
    const cause = error instanceof GatewayError ? error.cause : undefined
    return cause instanceof Failure ? cause : undefined
  }

  /** As the outcome of a call: says too whether it can have been executed. */
  toCallError(backend: string): GatewayError {
    if (this.kind !== 'broken') return this.toError(backend)
    const doubt = `${this.message}; the call may or may not have run`
    return new Failure(this.kind, doubt, { cause: this.cause }).toError(backend)
  }

  toError(backend: string): GatewayError {
    const said = rpcErrorOf(this.response)
    const words = said === undefined ? '' : ` (it said: ${said.message.slice(0, 500)})`
    return new GatewayError(this.#code(), `backend '${backend}': ${this.message}${words}`, { cause: this })
  }

  #code(): ErrorCode {
    if (this.kind === 'too_large') return 'too_large'
    if (this.kind === 'malformed') return 'bad_gateway'
    if (this.kind !== 'status') return 'unavailable'
    const status = this.status ?? 0
    return status >= 500 || [401, 403, 407, 408, 429].includes(status) ? 'unavailable' : 'bad_gateway'
  }
}
