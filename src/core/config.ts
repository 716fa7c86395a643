import type { AuditConfig } from './audit.ts'
import type { AuthorizationConfig } from './authorization.ts'
import type { Era } from './caller.ts'
import type { JsonObject } from './catalog.ts'
import type { CompositeToolConfig } from './composite.ts'
import type { IncomingAuthConfig } from './incoming-auth-config.ts'
import type { RateLimitConfig } from './limits.ts'
import type { LogLevel } from './log.ts'
import type { OptimizerConfig } from './optimizer.ts'
import type { OutgoingAuthConfig, TokenCacheConfig } from './outgoing-auth-config.ts'
import type { ParameterRules } from './parameters.ts'
import type { RunsConfig } from './runs.ts'
import type { TelemetryConfig } from './telemetry-config.ts'

/**
 * The configuration as the program uses it: one dialect, defaults filled in, environment resolved, times in
 * milliseconds. `config/` makes it from a file; embedders may write it by hand.
 */
export interface GatewayConfig {
  readonly name: string
  readonly group: string | undefined
  readonly backends: readonly BackendConfig[]
  readonly aggregation: AggregationPolicy
  /** Request headers that are let through to backends, in lower case. */
  readonly passthroughHeaders: readonly string[]
  readonly sessions: SessionLimits
  readonly compositeTools?: readonly CompositeToolConfig[] | undefined
  /** Runs that wait for a person end with the program where it is absent. `RunStorage` has them kept. */
  readonly workflowRuns?: RunsConfig | undefined
  /** No audit log where it is absent. `openObserving` opens it. */
  readonly audit?: AuditConfig | undefined
  readonly rateLimiting?: RateLimitConfig | undefined
  /** Of the log of the program; whoever embeds it has a log of their own. */
  readonly logLevel?: LogLevel | undefined
  /** The header, in lower case, whose value names a request in logs, instead of a name of ours. */
  readonly requestIdHeader?: string | undefined
  /** What a list is answered with while backends are missing; `best_effort` where it is not said. */
  readonly partialFailure?: PartialFailureMode | undefined
  /** Between two reports of what has changed in the health of backends; none where it is not said. */
  readonly healthReportMs?: number | undefined
  readonly telemetry?: TelemetryConfig | undefined
  /** The whole list is offered where it is absent. */
  readonly optimizer?: OptimizerConfig | undefined
  /** Who may come in; everybody where it is not said. */
  readonly incomingAuth?: IncomingAuthConfig | undefined
  /** Of tokens for backends; `DEFAULT_TOKEN_CACHE` where it is not said. */
  readonly tokenCache?: TokenCacheConfig | undefined
  /** Who may do what; everybody everything where it is not said. */
  readonly authorization?: AuthorizationConfig | undefined
}

/** `fail`: an error that names the missing backends. `best_effort`: what is there. */
export type PartialFailureMode = 'fail' | 'best_effort'

interface BackendBase {
  readonly name: string
  readonly era: 'auto' | Era
  /** One connection per client session (a stateful server must not mix clients), or one for all. */
  readonly connection: 'session' | 'shared'
  /** Of a call, in milliseconds. */
  readonly timeoutMs: number
  readonly auth: OutgoingAuthConfig
  readonly metadata: Readonly<Record<string, string>>
  /** `DEFAULT_RESILIENCE` where it is not said. */
  readonly resilience?: Resilience | undefined
}

/** What is done about a backend that is slow, overloaded or down. What is `undefined` is off. */
export interface Resilience {
  readonly health: HealthPolicy | undefined
  readonly breaker: BreakerPolicy | undefined
  readonly retry: RetryPolicy | undefined
  readonly bulkhead: BulkheadPolicy
  /** How long a call may take whose progress is told, in milliseconds from its start. */
  readonly extendMs: number | undefined
}

export interface HealthPolicy {
  /** Between two checks, give or take a tenth. */
  readonly intervalMs: number
  /** Of one check. */
  readonly timeoutMs: number
  /** Failed checks in a row that make a backend unhealthy. */
  readonly threshold: number
}

export interface BreakerPolicy {
  /** Failed calls or checks in a row that open it. */
  readonly threshold: number
  readonly openMs: number
}

export interface RetryPolicy {
  /** The first one included. */
  readonly attempts: number
  /** Before the first retry; it doubles with each further one. */
  readonly delayMs: number
  readonly maxDelayMs: number
  /** Retries as a share of the calls, from 0 to 1. */
  readonly budget: number
}

export interface BulkheadPolicy {
  /** Calls at the same time. */
  readonly concurrent: number
  /** Calls that wait for a place. */
  readonly queued: number
}

export interface StdioBackendConfig extends BackendBase {
  readonly transport: 'stdio'
  readonly command: string
  readonly args: readonly string[]
  /** Added to a small inherited environment (PATH, HOME and the like). */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string | undefined
}

export interface HttpBackendConfig extends BackendBase {
  readonly transport: 'streamable-http' | 'sse'
  readonly url: string
  /** Further addresses of servers that offer the same. */
  readonly replicas?: readonly string[] | undefined
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>
  /** PEM file with further certificate authorities. */
  readonly caBundlePath: string | undefined
}

export type BackendConfig = StdioBackendConfig | HttpBackendConfig

export type ConflictStrategy =
  | { readonly type: 'prefix'; readonly format: string }
  | { readonly type: 'priority'; readonly order: readonly string[] }
  | { readonly type: 'manual'; readonly format: string }

export interface AggregationPolicy {
  readonly strategy: ConflictStrategy
  readonly excludeAllTools: boolean
  readonly defaultVisibility: 'allow' | 'deny'
  /** By backend name. */
  readonly workloads: Readonly<Record<string, WorkloadPolicy>>
}

export interface WorkloadPolicy {
  /** Names that stay visible, the backend's own or the overridden; `undefined` is all. */
  readonly filter: readonly string[] | undefined
  readonly excludeAll: boolean
  /** By the backend's own tool name. */
  readonly overrides: Readonly<Record<string, ToolOverride>>
}

export interface ToolOverride {
  readonly name?: string | undefined
  readonly title?: string | undefined
  readonly description?: string | undefined
  /** Merged into the tool's own annotations field by field. */
  readonly annotations?: JsonObject | undefined
  /** By the backend's own parameter name. */
  readonly parameters?: ParameterRules | undefined
  /** Further tools that call the same tool of the backend. */
  readonly wrap?: readonly ToolWrapper[] | undefined
}

/** Starts from the backend's own tool, not from the override that it stands under. */
export interface ToolWrapper extends Omit<ToolOverride, 'wrap'> {
  readonly name: string
}

export interface SessionLimits {
  /** A legacy session without traffic for this long is closed. */
  readonly ttlMs: number
  /** Open legacy sessions; beyond it the least recently used is closed. */
  readonly max: number
}

/** The policy of quick mode: prefix `{workload}_`, everything visible. */
export const DEFAULT_AGGREGATION: AggregationPolicy = {
  strategy: { type: 'prefix', format: '{workload}_' },
  excludeAllTools: false,
  defaultVisibility: 'allow',
  workloads: {},
}

/** Health is checked, nothing is retried, and no breaker opens. */
export const DEFAULT_RESILIENCE: Resilience = {
  health: { intervalMs: 30_000, timeoutMs: 10_000, threshold: 3 },
  breaker: undefined,
  retry: undefined,
  bulkhead: { concurrent: 1_000, queued: 10_000 },
  extendMs: undefined,
}

export const DEFAULT_SESSIONS: SessionLimits = { ttlMs: 30 * 60_000, max: 10_000 }
