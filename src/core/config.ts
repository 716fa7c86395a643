import type { AuditConfig } from './audit.ts'
import type { Era } from './caller.ts'
import type { JsonObject } from './catalog.ts'
import type { CompositeToolConfig } from './composite.ts'
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
  /** No audit log where it is absent. `openAudit` opens it. */
  readonly audit?: AuditConfig | undefined
  /** The header, in lower case, whose value names a request in logs, instead of a name of ours. */
  readonly requestIdHeader?: string | undefined
  readonly telemetry?: TelemetryConfig | undefined
}

interface BackendBase {
  readonly name: string
  readonly era: 'auto' | Era
  /** One connection per client session (a stateful server must not mix clients), or one for all. */
  readonly connection: 'session' | 'shared'
  /** Of a call, in milliseconds. */
  readonly timeoutMs: number
  readonly auth: OutgoingAuthConfig
  readonly metadata: Readonly<Record<string, string>>
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
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>
  /** PEM file with further certificate authorities. */
  readonly caBundlePath: string | undefined
}

export type BackendConfig = StdioBackendConfig | HttpBackendConfig

export type OutgoingAuthConfig =
  | { readonly type: 'unauthenticated' }
  | { readonly type: 'header_injection'; readonly headerName: string; readonly headerValue: string }

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

export const DEFAULT_SESSIONS: SessionLimits = { ttlMs: 30 * 60_000, max: 10_000 }
