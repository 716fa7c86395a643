import type { Call, Exchange, Result } from './call.ts'
import type { Caller, Era } from './caller.ts'
import type { Item, JsonObject } from './catalog.ts'
import type { GatewayError } from './errors.ts'

/** What the innermost gateway needs of the backends room. */

export type TransportType = 'stdio' | 'streamable-http' | 'sse'

/** Everything that one backend offers, as it sent it, all pages together. */
export interface Offer {
  readonly tools: readonly JsonObject[]
  readonly prompts: readonly JsonObject[]
  readonly resources: readonly JsonObject[]
  readonly templates: readonly JsonObject[]
}

/** What is known of a backend now. Replaced, never mutated. */
export type BackendState =
  | { readonly status: 'connecting' }
  | { readonly status: 'ready'; readonly offer: Offer; readonly server: ServerFacts }
  /** Cannot be reached now. A backend that was ready before keeps its last offer listed. */
  | { readonly status: 'failed'; readonly error: GatewayError; readonly last: ReadyState | undefined }

export type ReadyState = Extract<BackendState, { status: 'ready' }>

export interface ServerFacts {
  readonly era: Era
  readonly version: string
  readonly info: JsonObject
  readonly capabilities: JsonObject
  readonly instructions: string | undefined
}

export interface Backend {
  readonly name: string
  readonly transport: TransportType
  readonly state: BackendState
  /** Answers that came when nobody waited for them any more: after a time-out, a cancellation, or another answer. */
  readonly lateReplies: number
  /**
   * Makes the call. `origin` is the backend's own name of the item and replaces the advertised one.
   * @throws GatewayError `unavailable`, `timeout`, `cancelled`, `bad_gateway`, `backend`
   */
  run(request: BackendRequest, exchange: Exchange): Promise<Result>
}

export interface BackendRequest {
  readonly caller: Caller
  readonly call: Call
  readonly item: Item
}

/** All backends of one configuration. */
export interface Backends {
  readonly all: readonly Backend[]
  /** One event for each replacement of a backend's state, by backend name. */
  watch(signal: AbortSignal): AsyncIterable<string>
  /** Closes what a legacy client session holds upstream. */
  release(session: string): void
  /** Ends every connection and every child process. */
  close(): Promise<void>
}
