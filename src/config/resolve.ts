import type {
  AggregationPolicy,
  BackendConfig,
  ConflictStrategy,
  GatewayConfig,
  WorkloadPolicy,
} from '../core/config.ts'
import { DEFAULT_AGGREGATION, DEFAULT_SESSIONS } from '../core/config.ts'
import type { BackendDefaults } from './backend-defaults.ts'
import { applyDefaults } from './backend-defaults.ts'
import { toAudit } from './resolve-audit.ts'
import { toAuthorization } from './resolve-authorization.ts'
import { toCompositeTools } from './resolve-composites.ts'
import { toIncomingAuth } from './resolve-incoming-auth.ts'
import { toRateLimits } from './resolve-limits.ts'
import { toOptimizer } from './resolve-optimizer.ts'
import { toOutgoingAuth } from './resolve-outgoing-auth.ts'
import { ownResilience, toResilience } from './resolve-resilience.ts'
import { toRuns } from './resolve-runs.ts'
import { toTelemetry } from './resolve-telemetry.ts'
import { toTokenCache } from './resolve-token-cache.ts'
import { PROTOCOL_HEADERS } from './rules/header-names.ts'
import type { RuleContext } from './rules/rule.ts'
import type { AggregationInput } from './schema/aggregation.ts'
import type { BackendInput } from './schema/backends.ts'
import type { ConfigInput } from './schema/root.ts'

const DEFAULT_TIMEOUT_MS = 30_000
const DEFAULT_FORMAT =
  DEFAULT_AGGREGATION.strategy.type === 'prefix' ? DEFAULT_AGGREGATION.strategy.format : ''

export interface Resolution {
  readonly config: GatewayConfig
  readonly defaults: BackendDefaults
}

/** A document without errors, as the program uses it. */
export function resolveConfig(input: ConfigInput, context: RuleContext): Resolution {
  const defaults = backendDefaults(input, context)
  const config: GatewayConfig = {
    name: input.name,
    group: input.groupRef,
    backends: applyDefaults((input.backends ?? []).map(toBackend), defaults),
    aggregation: toPolicy(input.aggregation),
    passthroughHeaders: passedThrough(input.passthroughHeaders ?? []),
    sessions: { ...DEFAULT_SESSIONS, ...(input.sessionStorage && { max: input.sessionStorage.maxSessions }) },
    compositeTools: toCompositeTools(input.compositeTools ?? []),
    workflowRuns: input.workflowRuns && toRuns(input.workflowRuns, context),
    audit: input.audit && toAudit(input.audit),
    rateLimiting: input.rateLimiting && toRateLimits(input.rateLimiting, context),
    logLevel: input.operational?.logLevel,
    requestIdHeader: input.operational?.requestIdHeader?.toLowerCase(),
    partialFailure: input.operational?.failureHandling?.partialFailureMode,
    healthReportMs: input.operational?.failureHandling?.statusReportingInterval,
    telemetry: toTelemetry(input, context.env),
    optimizer: input.optimizer && toOptimizer(input.optimizer, context),
    tokenCache: input.tokenCache && toTokenCache(input.tokenCache, context),
    incomingAuth: toIncomingAuth(input.incomingAuth, context),
    authorization: toAuthorization(input.incomingAuth),
  }
  return { config, defaults }
}

function backendDefaults(
  { operational, outgoingAuth, groupRef, backends = [] }: ConfigInput,
  context: RuleContext,
): BackendDefaults {
  const resilience = toResilience(operational)
  const auths = Object.entries(outgoingAuth.backends ?? {})
  return {
    timeoutMs: operational?.timeouts?.default ?? DEFAULT_TIMEOUT_MS,
    timeouts: new Map(Object.entries(operational?.timeouts?.perWorkload ?? {})),
    auth: outgoingAuth.default ? toOutgoingAuth(outgoingAuth.default, context) : { type: 'unauthenticated' },
    auths: new Map(auths.map(([name, strategy]) => [name, toOutgoingAuth(strategy, context)])),
    resilience,
    resiliences: ownResilience(resilience, backends),
    group: groupRef,
  }
}

function toBackend(input: BackendInput): BackendConfig {
  const base = {
    name: input.name,
    era: input.era,
    connection: input.connection,
    timeoutMs: DEFAULT_TIMEOUT_MS,
    auth: { type: 'unauthenticated' } as const,
    metadata: input.metadata ?? {},
  }
  if (input.transport === 'stdio') {
    const { transport, command, args, env = {}, cwd } = input
    return { ...base, transport, command, args, env, cwd }
  }
  const { transport, url, replicas, headers = {}, caBundlePath } = input
  return { ...base, transport, url, replicas, headers, caBundlePath }
}

function toPolicy(input: AggregationInput): AggregationPolicy {
  return {
    strategy: toStrategy(input),
    excludeAllTools: input.excludeAllTools,
    defaultVisibility: input.defaultToolVisibility === 'deny' ? 'deny' : 'allow',
    workloads: byName((input.tools ?? []).map((entry) => [entry.workload, toWorkload(entry)])),
  }
}

function toStrategy({ conflictResolution, conflictResolutionConfig }: AggregationInput): ConflictStrategy {
  const { prefixFormat = DEFAULT_FORMAT, priorityOrder = [] } = conflictResolutionConfig
  if (conflictResolution === 'priority') return { type: 'priority', order: priorityOrder }
  return { type: conflictResolution, format: prefixFormat }
}

function toWorkload({
  filter,
  excludeAll,
  overrides,
}: NonNullable<AggregationInput['tools']>[number]): WorkloadPolicy {
  return {
    filter: filter === undefined || filter.length === 0 ? undefined : filter,
    excludeAll,
    overrides: byName(Object.entries(overrides ?? {})),
  }
}

/** Without a prototype: a tool may be called `constructor`. */
function byName<T>(pairs: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  const record: Record<string, T> = Object.create(null)
  for (const [name, value] of pairs) record[name] = value
  return record
}

function passedThrough(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))].filter((name) => !PROTOCOL_HEADERS.has(name))
}
