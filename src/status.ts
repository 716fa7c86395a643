import type { Catalog } from './core/catalog.ts'
import { COMPOSITE } from './core/composite.ts'
import type { BackendConfig, GatewayConfig } from './core/config.ts'
import { type Backend, type HealthStatus, lastReady } from './core/ports.ts'
import { type BackendDetail, detailOf } from './status-detail.ts'

/** The body of `/status`: no addresses, no secrets, nothing but what an operator's page shows. */
export interface Status {
  readonly backends: readonly BackendStatus[]
  /** At least one backend is healthy, or nearly so. */
  readonly healthy: boolean
  readonly version: string
  readonly group_ref?: string
}

export interface BackendStatus extends Partial<BackendDetail> {
  readonly name: string
  readonly health: HealthStatus
  readonly transport: string
  readonly auth_type: string
  /** The protocol version spoken with it, once it is known. */
  readonly mcp_revision?: string
  /** Answers that came when nobody waited for them any more, where there were any. */
  readonly late_replies?: number
}

/** @param detail whether it is for those who may call, and are told why something does not work */
export function statusOf(
  config: GatewayConfig,
  backends: readonly Backend[],
  version: string,
  detail: boolean,
): Status {
  const configs = new Map(config.backends.map((backend) => [backend.name, backend]))
  const rows = backends.map((backend) => ({
    ...rowOf(backend, configs.get(backend.name)),
    ...(detail && detailOf(backend)),
  }))
  return {
    backends: rows,
    healthy: rows.some(({ health }) => health === 'healthy' || health === 'degraded'),
    version,
    ...(config.group === undefined ? {} : { group_ref: config.group }),
  }
}

function rowOf(backend: Backend, config: BackendConfig | undefined): BackendStatus {
  const { name, transport, state, lateReplies } = backend
  const known = lastReady(state)
  return {
    name,
    health: backend.health.status,
    transport,
    auth_type: config?.auth.type ?? 'unauthenticated',
    ...(known === undefined ? {} : { mcp_revision: known.server.version }),
    ...(lateReplies > 0 && { late_replies: lateReplies }),
  }
}

export interface CompositeStatus {
  readonly name: string
  readonly status: 'listed' | 'withdrawn'
  readonly reason?: string
}

/** What became of the composite tools, where there are any. */
export function compositesOf({ tools, dropped }: Catalog): {
  readonly composite_tools?: readonly CompositeStatus[]
} {
  const listed = tools.filter(({ origin }) => origin.backend === COMPOSITE)
  const withdrawn = dropped.filter(({ origin }) => origin.backend === COMPOSITE)
  if (listed.length + withdrawn.length === 0) return {}
  const rows = [
    ...listed.map(({ name }) => ({ name, status: 'listed' }) as const),
    ...withdrawn.map(({ origin, reason }) => ({ name: origin.name, status: 'withdrawn', reason }) as const),
  ]
  return { composite_tools: rows.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}
