import type { BackendConfig, HttpBackendConfig, StdioBackendConfig } from '../../core/config.ts'
import type { Env } from '../../core/folders.ts'

export type { Env } from '../../core/folders.ts'

/** What a place knows of a group. `notes` are sentences for the operator: what was left out, and why. */
export interface Found {
  readonly backends: readonly BackendConfig[]
  readonly notes: readonly string[]
}

/** A place where groups of backends are kept. */
export interface GroupDiscovery {
  readonly type: string
  groups(env: Env): Promise<readonly string[]>
  /** `undefined` when this place has no group of that name. @throws GatewayError `config` */
  discover(group: string, env: Env): Promise<Found | undefined>
  /** Files and folders that change when the group does. */
  places(group: string, env: Env): readonly string[]
}

type Own<T> = Omit<T, 'era' | 'connection' | 'timeoutMs' | 'auth' | 'metadata'> & {
  readonly metadata?: Readonly<Record<string, string>>
}

const DEFAULTS = {
  era: 'auto',
  connection: 'session',
  timeoutMs: 30_000,
  auth: { type: 'unauthenticated' },
} as const

export function stdioBackend(own: Omit<Own<StdioBackendConfig>, 'transport'>): StdioBackendConfig {
  return { ...DEFAULTS, metadata: {}, ...own, transport: 'stdio' }
}

export function httpBackend(own: Omit<Own<HttpBackendConfig>, 'caBundlePath'>): HttpBackendConfig {
  return { ...DEFAULTS, metadata: {}, caBundlePath: undefined, ...own }
}
