/** vmcp as a library: a gateway over your backends, and the doors in front of it. */

export type { GatewayOptions } from './compose.ts'
export { createGateway } from './compose.ts'
export type { AuditConfig, AuditEvent } from './core/audit.ts'
export { DEFAULT_AUDIT } from './core/audit.ts'
export type { Ask, Call, CompletionRef, Exchange, RequestRef, Result } from './core/call.ts'
export { methodOf } from './core/call.ts'
export type { Caller, Era, Principal } from './core/caller.ts'
export { ANONYMOUS } from './core/caller.ts'
export type {
  CacheHint,
  CacheScope,
  Catalog,
  Dropped,
  Item,
  JsonObject,
  ListKind,
  Origin,
  PromptItem,
  ResourceItem,
  TemplateItem,
  ToolItem,
} from './core/catalog.ts'
export { UNCACHEABLE } from './core/catalog.ts'
export type {
  CompositeCall,
  CompositeElicitation,
  CompositeLoop,
  CompositeOnError,
  CompositeOutput,
  CompositeOutputProperty,
  CompositeRefusal,
  CompositeStep,
  CompositeToolConfig,
  CompositeToolStep,
} from './core/composite.ts'
export type {
  AggregationPolicy,
  BackendConfig,
  BreakerPolicy,
  BulkheadPolicy,
  ConflictStrategy,
  GatewayConfig,
  HealthPolicy,
  HttpBackendConfig,
  PartialFailureMode,
  Resilience,
  RetryPolicy,
  SessionLimits,
  StdioBackendConfig,
  ToolOverride,
  WorkloadPolicy,
} from './core/config.ts'
export { DEFAULT_AGGREGATION, DEFAULT_RESILIENCE, DEFAULT_SESSIONS } from './core/config.ts'
export type { ErrorCode, ErrorDetails, RpcError } from './core/errors.ts'
export { GatewayError } from './core/errors.ts'
export type { Change, Gateway, Layer, Resolved } from './core/gateway.ts'
export type {
  IncomingAuthConfig,
  IntrospectionConfig,
  OidcConfig,
  ScopePolicy,
} from './core/incoming-auth-config.ts'
export type { Predicate } from './core/layer.ts'
export { notFound, restrict } from './core/layer.ts'
export type { Log, LogFields } from './core/log.ts'
export type {
  ClientCredentialsConfig,
  HeaderInjectionConfig,
  OAuthClientConfig,
  OutgoingAuthConfig,
  PassThroughConfig,
  SealedRedisConfig,
  TokenCacheConfig,
  TokenEndpointConfig,
  TokenExchangeConfig,
  XaaConfig,
} from './core/outgoing-auth-config.ts'
export { DEFAULT_TOKEN_CACHE } from './core/outgoing-auth-config.ts'
export type { Part, Prepared } from './core/part.ts'
export type {
  Backend,
  BackendHealth,
  BackendState,
  Backends,
  BreakerState,
  BreakerStatus,
  Freshness,
  Freshnesses,
  HealthError,
  HealthStatus,
  Offer,
  ServerFacts,
  TransportType,
} from './core/ports.ts'
export { RawObject } from './core/raw.ts'
export type { Telemetry } from './core/telemetry.ts'
export type { OtlpConfig, OtlpProtocol, PrometheusConfig, TelemetryConfig } from './core/telemetry-config.ts'
export type {
  Ending,
  Observer,
  RunSeen,
  RunSeenType,
  RunStep,
  RunWitness,
  Seen,
  Sight,
  Source,
  Witness,
} from './core/witness.ts'
export type { HttpDoor, ServeOptions } from './doors/http.ts'
export { serveHttp } from './doors/http.ts'
export type { StdioDoor } from './doors/stdio.ts'
export { serveStdioFront } from './doors/stdio.ts'
export type { Applied } from './live/gateway.ts'
export type { Observation, Observing } from './observe/observing.ts'
export { openObserving } from './observe/observing.ts'
export type { Running } from './running.ts'
export { VERSION } from './version.ts'
export { RunStorage } from './workflows/run-storage.ts'
