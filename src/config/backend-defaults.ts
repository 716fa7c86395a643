import type { BackendConfig, Resilience } from '../core/config.ts'
import type { OutgoingAuthConfig } from '../core/outgoing-auth-config.ts'

/**
 * What a configuration says of backends apart from the backends themselves. It also holds for backends that a
 * group brings in later.
 */
export interface BackendDefaults {
  readonly timeoutMs: number
  readonly timeouts: ReadonlyMap<string, number>
  readonly auth: OutgoingAuthConfig
  readonly auths: ReadonlyMap<string, OutgoingAuthConfig>
  readonly resilience: Resilience
  /** Of the backends that say something of themselves. */
  readonly resiliences: ReadonlyMap<string, Resilience>
  /** Put into `metadata.group`. */
  readonly group: string
}

/** Gives each backend its timeout, its outgoing authentication, what is done about its failures, and its group. Programs have no headers to authenticate with. */
export function applyDefaults(
  backends: readonly BackendConfig[],
  defaults: BackendDefaults,
): BackendConfig[] {
  return backends.map((backend) => ({
    ...backend,
    timeoutMs: defaults.timeouts.get(backend.name) ?? defaults.timeoutMs,
    auth:
      backend.transport === 'stdio'
        ? { type: 'unauthenticated' }
        : (defaults.auths.get(backend.name) ?? defaults.auth),
    resilience: defaults.resiliences.get(backend.name) ?? defaults.resilience,
    metadata: { ...backend.metadata, group: defaults.group },
  }))
}
