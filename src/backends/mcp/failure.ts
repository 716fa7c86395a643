import type { ErrorCode } from '../../core/errors.ts'
import { GatewayError } from '../../core/errors.ts'
import type { RawObject } from '../../core/raw.ts'
import { rpcErrorOf } from './rpc.ts'

export type FailureKind =
  | 'unsent' // the request did not leave: it was surely not executed
  | 'credentials' // nor did this one, since there are none for its caller
  | 'busy' // nor did this one, and the wire is there
  | 'broken' // lost on the way: it may or may not have been executed
  | 'status' // HTTP said no
  | 'malformed' // an answer that is not the protocol
  | 'too_large'
  | 'closed' // closed by us

const MAYBE: ReadonlySet<FailureKind> = new Set<FailureKind>(['broken', 'malformed', 'too_large', 'closed'])

export interface FailureDetails {
  readonly status?: number | undefined
  /** The JSON-RPC error that came with the status. */
  readonly response?: RawObject | undefined
  readonly cause?: unknown
  /** For the log alone: addresses, and what the system says. */
  readonly facts?: Readonly<Record<string, string>>
}

export const NOT_RPC = 'answered with something that is not a JSON-RPC response'

/** Why a request got no JSON-RPC response. `message` is a sentence about the backend, without its name. */
export class Failure {
  readonly kind: FailureKind
  readonly message: string
  readonly status: number | undefined
  readonly response: RawObject | undefined
  readonly cause: unknown
  readonly facts: Readonly<Record<string, string>>

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    this.kind = kind
    this.message = message
    this.status = details.status
    this.response = details.response
    this.cause = details.cause
    this.facts = details.facts ?? {}
  }

  /** The failure that an error was made of. */
  static of(error: unknown): Failure | undefined {
    const cause = error instanceof GatewayError ? error.cause : undefined
    return cause instanceof Failure ? cause : undefined
  }

  /** Whether the server is there, and wants none of it. */
  get isRefusal(): boolean {
    return this.kind === 'malformed' || this.status === 400 || this.status === 404 || this.status === 405
  }

  /** As the outcome of a call: says too whether it can have been executed. */
  toCallError(backend: string): GatewayError {
    return this.#toError(backend, this.#mayHaveRun() ? '; the call may or may not have run' : '')
  }

  toError(backend: string): GatewayError {
    return this.#toError(backend, '')
  }

  #toError(backend: string, doubt: string): GatewayError {
    const said = rpcErrorOf(this.response)
    const words = said === undefined ? '' : ` (it said: ${said.message.slice(0, 500)})`
    const message = `backend '${backend}': ${this.message}${words}${doubt}`
    return new GatewayError(this.#code(), message, { cause: this })
  }

  #mayHaveRun(): boolean {
    if (this.kind === 'status') return (this.status ?? 0) >= 500
    return MAYBE.has(this.kind)
  }

  #code(): ErrorCode {
    if (this.kind === 'malformed' || this.kind === 'too_large') return 'bad_gateway'
    if (this.kind !== 'status') return 'unavailable'
    const status = this.status ?? 0
    return status >= 500 || [401, 403, 407, 408, 429].includes(status) ? 'unavailable' : 'bad_gateway'
  }
}

/** In progress when its connection was closed by us. */
export function closed(): Failure {
  const why = 'the configuration has changed, or the gateway ends'
  return new Failure('closed', `the connection was closed while the call ran: ${why}`)
}

/** A message goes on and on, and nothing else can come on its wire. */
export function endless(bytes: number): Failure {
  return new Failure('broken', `sent ${bytes} bytes without coming to the end of a message`)
}
