import type { Call, Exchange, Result } from './call.ts'
import type { Caller, Era } from './caller.ts'
import type { CacheScope, Item, JsonObject, ListKind } from './catalog.ts'
import type { BackendConfig } from './config.ts'
import type { ErrorCode, GatewayError } from './errors.ts'
import type { Change, News } from './gateway.ts'
import type { TraceContext } from './trace.ts'

/** What the innermost gateway needs of the backends room. */

export type TransportType = 'stdio' | 'streamable-http' | 'sse'

/** Everything that one backend offers, as it sent it, all pages together. */
export type Offer = Readonly<Record<ListKind, readonly JsonObject[]>>

/** How long a list stays what it is, as far as its backend can tell, and for whom. */
export interface Freshness {
  /** By `performance.now()`; 0 where it was never said. */
  readonly until: number
  readonly scope: CacheScope
}

/** Of each list that the backend was asked for. To the others it adds nothing. */
export type Freshnesses = Readonly<Partial<Record<ListKind, Freshness>>>

/** What is known of a backend now. Replaced, never mutated. */
export type BackendState =
  | { readonly status: 'connecting' }
  | {
      readonly status: 'ready'
      /** The same object where only its freshness is another. */
      readonly offer: Offer
      readonly freshness: Freshnesses
      readonly server: ServerFacts
    }
  /** Is there, and shows what it has to callers alone, who come with credentials of their own. */
  | { readonly status: 'reserved'; readonly error: GatewayError }
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

/** How a backend does. `unknown`: it was not reached yet, or has begun to fail. */
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unauthenticated' | 'unknown'

export type BreakerStatus = 'closed' | 'open' | 'half_open'

/** How a backend does now. Replaced, never mutated. */
export interface BackendHealth {
  readonly status: HealthStatus
  /** Failed checks in a row. */
  readonly failures: number
  /** When it was last checked, and when its status last became another, in milliseconds since 1970. */
  readonly checkedAt: number | undefined
  readonly changedAt: number | undefined
  /** Why a check or a call last failed, without addresses and secrets; `undefined` where none has. */
  readonly error: HealthError | undefined
  /** `undefined` where there is none. */
  readonly breaker: BreakerState | undefined
  /** Of each address, where there are several. */
  readonly replicas?: readonly BackendHealth[]
}

export interface HealthError {
  readonly code: ErrorCode
  readonly message: string
  /** In milliseconds since 1970. */
  readonly at: number
  /**
   * What the process of the server said last on stderr before it ended. May hold secrets: it is for the one who runs
   * the gateway.
   */
  readonly lastWords?: string | undefined
}

export interface BreakerState {
  readonly status: BreakerStatus
  /** Since when, in milliseconds since 1970. */
  readonly since: number
  /** How often it has opened. */
  readonly opened: number
  /** When a call is let through again, in milliseconds since 1970; `undefined` where it is not open. */
  readonly retryAt: number | undefined
}

/** What is not listed completely, or cannot be called: never reached, or found to be down. */
export function isMissing({ state, health }: Pick<Backend, 'state' | 'health'>): boolean {
  const { status } = health
  const isUnknown = state.status !== 'reserved' && lastReady(state) === undefined
  return isUnknown || status === 'unhealthy' || status === 'unauthenticated'
}

/** What a backend is for callers who come with credentials of their own: each may be shown something else. */
export interface Views {
  /**
   * What the backend is for this caller as far as it is known: `ready` or `failed`, or `undefined` where it was not
   * asked yet. Equal views are the same object, whosever they are.
   */
  of(caller: Caller): BackendState | undefined
  /**
   * The caller is here, and is to be shown what there is now: asks the backend as them, where what is known is not of
   * now; `undefined` where it is. Never rejects: see `of` for what came of it.
   */
  look(caller: Caller): Promise<void> | undefined
  /** Keeps what this caller is shown of now, until the signal fires. */
  follow(caller: Caller, signal: AbortSignal): void
  /** Hears whose view has become another, or is no longer known: see `identityOf`. Returns what ends the hearing. */
  hear(listener: (identity: string) => void): () => void
  /** Callers of whom something is known now. */
  readonly size: number
}

/** What a backend is for single client sessions of the legacy era that it shows something else than all others. */
export interface SessionViews {
  /** `undefined` where the session is shown what all are. Equal views are the same object. */
  of(session: string): ReadyState | undefined
  /** Hears whose view has become another. Returns what ends the hearing. */
  hear(listener: (session: string) => void): () => void
  /** Sessions with a view of their own. */
  readonly size: number
}

export interface Backend {
  readonly name: string
  readonly transport: TransportType
  /** Of a backend with `views`, what it is without any caller's credentials. */
  readonly state: BackendState
  /** Absent where it is the same for all callers. */
  readonly views?: Views | undefined
  /** Absent where a session is never shown anything of its own. */
  readonly sessionViews?: SessionViews | undefined
  readonly health: BackendHealth
  /** Answers that came when nobody waited for them any more: after a time-out, a cancellation, or another answer. */
  readonly lateReplies: number
  /** Open to it now; over HTTP a connection is what a server takes for one, whatever sockets there are. */
  readonly connections: number
  /** In progress, subscriptions that stand apart. */
  readonly running: number
  /** Calls that wait until there are fewer in progress. */
  readonly queued: number
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
  /** What the backend is told of the trace, in the place of what the client said of it. */
  readonly trace?: TraceContext | undefined
}

/** Is told when a backend is asked what it offers. What it returns is told how that ended. */
export type ListingWitness = (config: BackendConfig) => (error?: unknown) => void

/** All backends of one configuration. */
export interface Backends {
  readonly all: readonly Backend[]
  /** One event for each replacement of a backend's state, and when its health or its breaker changes; by name. */
  watch(signal: AbortSignal): AsyncIterable<string>
  readonly sessions: ClientSessions
  /** Ends every connection and every child process. */
  close(): Promise<void>
}

/** The legacy client sessions, as far as backends have something open for them. */
export interface ClientSessions {
  /** Takes what backends say to the session, and to no other, outside of its calls. Returns what ends the listening. */
  hear(session: string, listener: (change: Change) => void): () => void
  tell(session: string, news: News): void
  /** Closes what the session holds upstream. */
  release(session: string): void
}
