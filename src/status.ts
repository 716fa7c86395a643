import type { Era } from './core/caller.ts'
import type { Catalog } from './core/catalog.ts'
import { COMPOSITE } from './core/composite.ts'
import type { BackendConfig, GatewayConfig } from './core/config.ts'
import { type Backend, type BackendState, type Backends, lastReady } from './core/ports.ts'
import type { History } from './history.ts'

/** The body of `/status`. No secrets; for those who may see no more, no addresses either. */
export interface Status {
  readonly backends: readonly (BackendStatus & Partial<BackendDetails>)[]
  /** At least one backend is healthy. */
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
  /** Parts that take effect when the program is started anew. */
  readonly restart_needed?: readonly string[]
  /** A later configuration that could not be served. */
  readonly refused?: { readonly at: string; readonly message: string; readonly details?: readonly string[] }
}

/** What is told of. */
interface Served {
  readonly config: GatewayConfig
  readonly backends: Pick<Backends, 'all'>
  readonly catalog: Catalog
  readonly history: History
}

export interface BackendStatus {
  readonly name: string
  readonly health: 'healthy' | 'unhealthy' | 'unauthenticated' | 'unknown'
  readonly transport: string
  readonly auth_type: string
  /** The protocol version spoken with it, once it is known. */
  readonly mcp_revision?: string
  /** Answers that came when nobody waited for them any more, where there were any. */
  readonly late_replies?: number
}

/** What is told of a backend beyond that to the one who runs the gateway. */
export interface BackendDetails {
  readonly state: BackendState['status']
  readonly era?: Era
  readonly tools?: number
  readonly resources?: number
  readonly prompts?: number
  readonly connections: number
  readonly last_error?: { readonly message: string }
}

function detailsOf({ state, connections }: Backend): BackendDetails {
  const known = lastReady(state)
  return {
    state: state.status,
    ...(known && {
      era: known.server.era,
      tools: known.offer.tools.length,
      resources: known.offer.resources.length + known.offer.templates.length,
      prompts: known.offer.prompts.length,
    }),
    connections,
    ...(state.status === 'failed' && { last_error: { message: state.error.message } }),
  }
}

/** @param detailed for the one who runs it: what backends say may hold their addresses */
export function statusOf(
  { config, backends, catalog, history }: Served,
  version: string,
  detailed = false,
): Status {
  const configs = new Map(config.backends.map((backend) => [backend.name, backend]))
  const rows = backends.all.map((backend) => ({
    ...rowOf(backend, configs.get(backend.name)),
    ...(detailed && detailsOf(backend)),
  }))
  return {
    backends: rows,
    healthy: rows.some(({ health }) => health === 'healthy'),
    version,
    ...(config.group === undefined ? {} : { group_ref: config.group }),
    configuration: configurationOf(history, detailed),
    ...compositesOf(catalog),
  }
}

function configurationOf(
  { generation, since, restart, refusal }: History,
  detailed: boolean,
): ConfigurationStatus {
  return {
    generation,
    since: since.toISOString(),
    ...(restart.length > 0 && { restart_needed: restart }),
    ...(refusal && {
      refused: {
        at: refusal.at.toISOString(),
        message: refusal.message,
        ...(detailed && { details: refusal.details }),
      },
    }),
  }
}

function rowOf(backend: Backend, config: BackendConfig | undefined): BackendStatus {
  const { name, transport, state, lateReplies } = backend
  const known = lastReady(state)
  return {
    name,
    health: healthOf(state),
    transport,
    auth_type: config?.auth.type ?? 'unauthenticated',
    ...(known === undefined ? {} : { mcp_revision: known.server.version }),
    ...(lateReplies > 0 && { late_replies: lateReplies }),
  }
}

function healthOf(state: BackendState): BackendStatus['health'] {
  if (state.status === 'ready') return 'healthy'
  if (state.status === 'connecting') return 'unknown'
  return state.error.code === 'unauthenticated' ? 'unauthenticated' : 'unhealthy'
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
