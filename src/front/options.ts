import type { Era, Principal } from '../core/caller.ts'
import type { JsonObject } from '../core/catalog.ts'
import type { SessionLimits } from '../core/config.ts'
import type { News } from '../core/gateway.ts'
import type { Log } from '../core/log.ts'
import type { OpenConnections } from '../core/telemetry.ts'
import type { Witness } from '../core/witness.ts'
import type { Authenticate, Incoming, ProtectedResource } from './auth/index.ts'

/** They are looked at when they are needed, since those of the configuration may change. */
export interface FrontOptions {
  /** `serverInfo.name` and `serverInfo.version`. */
  readonly name: string
  readonly version: string
  readonly log: Log
  readonly sessions: SessionLimits
  /** Request headers that callers carry to backends, in lower case. */
  readonly passthroughHeaders: readonly string[]
  /** Host names that clients may use, beyond loopback and the bound host; `*` is any. */
  readonly allowedHosts?: readonly string[]
  /** Origins of web pages that may call, beyond loopback and our own; `*` is any. */
  readonly allowedOrigins?: readonly string[]
  /** Without it every caller is anonymous. */
  readonly authenticate?: Authenticate | undefined
  /** Whoever is on stdin; anonymous where it is not said. */
  readonly principal?: Principal | undefined
  /** What clients are told who lack a good token, and the scopes that they need. */
  readonly resource?: ProtectedResource | undefined
  /** Further documents that everybody gets, by path. */
  readonly published?: ((path: string) => object | undefined) | undefined
  /** Sees to it that what stays open ends with the right to come in. */
  readonly watch?: Incoming['watch'] | undefined
  /** They see whatever clients do, probes of the process's health aside. */
  readonly witnesses?: readonly Witness[]
  /** What a message waits for before it is served; `undefined` where it need not. */
  readonly room?: (() => Promise<void> | undefined) | undefined
  /** The header, in lower case, whose value names a request instead of a name of ours. */
  readonly requestIdHeader?: string | undefined
  readonly instructions?: () => string | undefined
  /**
   * The body of `/status`, which everybody gets; with more for those who may call: everybody on an anonymous
   * server, else those who authenticate. No secrets, and no addresses but for the operator.
   */
  readonly status: (viewer: 'anybody' | 'caller' | 'operator') => object
  /** Who has it runs the server. Without it, nobody proves that. */
  readonly controlToken?: string | undefined
  /** The body of `/api/backends/health`, for those who may call. */
  readonly health?: () => object
  readonly ready: () => Readiness
  /** The body of `/metrics`, in Prometheus' text format; without it there is no such page. */
  readonly scrape?: (() => Promise<string>) | undefined
  /** What backends add to the capabilities that a client of this era is told of. */
  readonly capabilities?: (era: Era) => JsonObject
  /** A legacy client says something that is for the backends of its session. */
  readonly onSessionNews: (session: string, news: News) => void
  /** Called once for every legacy session that ends, however it ends. */
  readonly onSessionClosed: (session: string) => void
}

export interface Readiness {
  readonly ready: boolean
  readonly mode: 'static' | 'dynamic'
  readonly reason?: string
}

/** The HTTP front door. */
export interface Front {
  /** What clients have open. */
  readonly connections: OpenConnections
  /** Others say who may come in now: what is open ends where it would not be let in any more. */
  judge(): void
  /** @throws GatewayError `config` when the address cannot be bound */
  listen(port: number, host: string): Promise<{ port: number; url: string }>
  /** Stops accepting, lets calls in flight finish for `graceMs`, then ends them. */
  close(graceMs: number): Promise<void>
}
