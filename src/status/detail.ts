import {
  type Backend,
  type BackendHealth,
  type HealthError,
  type HealthStatus,
  lastReady,
} from '../core/ports.ts'

/** What `/status` tells of a backend beyond what everybody may know. Times are ISO 8601. */
export interface BackendDetail {
  readonly era: string | null
  /** Of the last list that it gave. */
  readonly tools: number | null
  readonly consecutive_failures: number
  readonly last_check: string | null
  readonly last_transition: string | null
  readonly last_error: ErrorDetail | null
  /** Absent where there is none. */
  readonly breaker?: BreakerDetail
  readonly connections: number
  readonly running: number
  readonly queued: number
  /** In the order of the configuration, the url first. */
  readonly replicas?: readonly ReplicaDetail[]
}

interface ErrorDetail {
  readonly code: string
  readonly message: string
  readonly at: string
  /** For the operator: what the process of the server said last on stderr before it ended. */
  readonly stderr?: string
}

interface BreakerDetail {
  readonly state: 'closed' | 'open' | 'half_open'
  readonly since: string
  /** How often it has opened. */
  readonly opened: number
  /** While it is open. */
  readonly retry_after_seconds?: number
}

interface ReplicaDetail {
  readonly health: HealthStatus
  readonly consecutive_failures: number
  readonly last_error: ErrorDetail | null
  readonly breaker?: BreakerDetail
}

/** @param isOperator is told too what may hold secrets of the server */
export function detailOf(
  { state, health, connections, running, queued }: Backend,
  isOperator: boolean,
): BackendDetail {
  return {
    era: lastReady(state)?.server.era ?? null,
    tools: lastReady(state)?.offer.tools.length ?? null,
    ...healthDetail(health, isOperator),
    last_check: time(health.checkedAt),
    last_transition: time(health.changedAt),
    connections,
    running,
    queued,
    ...(health.replicas && {
      replicas: health.replicas.map((replica) => ({
        health: replica.status,
        ...healthDetail(replica, isOperator),
      })),
    }),
  }
}

function healthDetail({ failures, error, breaker }: BackendHealth, isOperator: boolean) {
  return {
    consecutive_failures: failures,
    last_error: error === undefined ? null : errorDetail(error, isOperator),
    ...(breaker && { breaker: breakerDetail(breaker) }),
  }
}

function errorDetail({ code, message, at, lastWords }: HealthError, isOperator: boolean): ErrorDetail {
  const told = { code, message, at: new Date(at).toISOString() }
  return isOperator && lastWords !== undefined ? { ...told, stderr: lastWords } : told
}

function breakerDetail({
  status,
  since,
  opened,
  retryAt,
}: NonNullable<BackendHealth['breaker']>): BreakerDetail {
  const left = retryAt === undefined ? undefined : Math.max(0, Math.ceil((retryAt - Date.now()) / 1000))
  return {
    state: status,
    since: new Date(since).toISOString(),
    opened,
    ...(left !== undefined && { retry_after_seconds: left }),
  }
}

export function time(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
