import type { Catalog } from '../core/catalog.ts'
import { COMPOSITE } from '../core/composite.ts'
import type { BackendConfig, GatewayConfig } from '../core/config.ts'
import { type Backend, type Backends, type HealthStatus, lastReady } from '../core/ports.ts'
import { type BackendDetail, detailOf } from './detail.ts'
import type { History } from './history.ts'

/** The body of `/status`. No secrets, and addresses for the operator only. */
export interface Status {
  readonly backends: readonly BackendStatus[]
  /** At least one backend is healthy, or nearly so. */
  readonly healthy: boolean
  readonly version: string
  readonly group_ref?: string
  readonly configuration: ConfigurationStatus
  /** What became of the composite tools, where there are any. */
  readonly composite_tools?: readonly CompositeStatus[]
}

export interface ConfigurationStatus {
  /** From 1, one more with each configuration that has taken the place of another. */
  readonly generation: number
  /** When it began to be served: ISO 8601, as all times here. */
  readonly since: string
  /** A later configuration that could not be served. */
  readonly refused?: { readonly at: string; readonly message: string; readonly details?: readonly string[] }
}

/**
 * Who looks: `caller` may call, and is told why something does not work; `operator` runs the gateway, and is told
 * what is written in its files.
 */
export type Viewer = 'anybody' | 'caller' | 'operator'

/** What is told of. */
interface Served {
  readonly config: GatewayConfig
  readonly backends: Pick<Backends, 'all'>
  readonly catalog: Catalog
  readonly history: History
}

export interface BackendStatus extends Partial<BackendDetail> {
  readonly name: string
  readonly health: HealthStatus
  readonly transport: string
  readonly auth_type: string
  /** The protocol version spoken with it, once it is known. */
  readonly mcp_revision?: string
  /** Where each caller is shown what the backend has for them: callers of whom something is known now. */
  readonly views?: number
  /** Answers that came when nobody waited for them any more, where there were any. */
  readonly late_replies?: number
}

export function statusOf(
  { config, backends, catalog, history }: Served,
  version: string,
  viewer: Viewer,
): Status {
  const configs = new Map(config.backends.map((backend) => [backend.name, backend]))
  const rows = backends.all.map((backend) => ({
    ...rowOf(backend, configs.get(backend.name)),
    ...(viewer !== 'anybody' && detailOf(backend, viewer === 'operator')),
  }))
  return {
    backends: rows,
    healthy: rows.some(({ health }) => health === 'healthy' || health === 'degraded'),
    version,
    ...(config.group === undefined ? {} : { group_ref: config.group }),
    configuration: configurationOf(history, viewer),
    ...compositesOf(catalog),
  }
}

function configurationOf({ generation, since, refusal }: History, viewer: Viewer): ConfigurationStatus {
  return {
    generation,
    since: since.toISOString(),
    ...(refusal && {
      refused: {
        at: refusal.at.toISOString(),
        message: refusal.message,
        ...(viewer === 'operator' && { details: refusal.details }),
      },
    }),
  }
}

function rowOf(backend: Backend, config: BackendConfig | undefined): BackendStatus {
  const { name, transport, state, lateReplies, views } = backend
  const known = lastReady(state)
  return {
    name,
    health: backend.health.status,
    transport,
    auth_type: config?.auth.type ?? 'unauthenticated',
    ...(known === undefined ? {} : { mcp_revision: known.server.version }),
    ...(views && { views: views.size }),
    ...(lateReplies > 0 && { late_replies: lateReplies }),
  }
}

interface CompositeStatus {
  readonly name: string
  readonly status: 'listed' | 'withdrawn'
  readonly reason?: string
}

function compositesOf({ tools, dropped }: Catalog): {
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
