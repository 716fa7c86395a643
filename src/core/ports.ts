import type { Call, Exchange, Result } from './call.ts'
import type { Caller, Era } from './caller.ts'
import type { Item, JsonObject } from './catalog.ts'
import type { GatewayError } from './errors.ts'
import type { Aside, News } from './gateway.ts'

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

/** What was last known of a backend that answers now or did once. */
export function lastReady(state: BackendState): ReadyState | undefined {
  if (state.status === 'ready') return state
  return state.status === 'failed' ? state.last : undefined
}

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
  /**
   * Makes the call. `origin` is the backend's own name of the item and replaces the advertised one.
   * @throws GatewayError `unavailable`, `timeout`, `cancelled`, `bad_gateway`, `too_large`, `backend`
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
  readonly sessions: ClientSessions
  /** Ends every connection and every child process. */
  close(): Promise<void>
}

/** The legacy client sessions, as far as backends have something open for them. */
export interface ClientSessions {
  /** Takes what backends say to the session outside of its calls. Returns what ends the listening. */
  hear(session: string, listener: (aside: Aside) => void): () => void
  tell(session: string, news: News): void
  /** Closes what the session holds upstream. */
  release(session: string): void
}
