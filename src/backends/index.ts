import type { BackendConfig } from '../core/config.ts'
import type { Log } from '../core/log.ts'
import { DEFAULT_TOKEN_CACHE, type TokenCacheConfig } from '../core/outgoing-auth-config.ts'
import type { ListingWitness } from '../core/ports.ts'
import { Topic } from '../core/topic.ts'
import { Keyring } from './auth/index.ts'
import { createBackend } from './create.ts'
import { Ears } from './ears.ts'
import { Gate } from './gate.ts'
import type { Limits } from './mcp/limits.ts'
import { LIMITS } from './mcp/limits.ts'
import { Children } from './mcp/stdio/children.ts'
import { type LiveBackends, Pool } from './pool.ts'

export type { Limits } from './mcp/limits.ts'
export type { BackendChanges, LiveBackends, NextBackends } from './pool.ts'

export interface BackendsDeps {
  readonly log: Log
  /** Of the gateway, as backends are told it. */
  readonly version: string
  readonly limits?: Partial<Limits>
  readonly onList?: ListingWitness | undefined
  readonly tokenCache?: TokenCacheConfig | undefined
}

/** Backends that are being connected at the same time; one that hangs counts only for so long. */
const AT_ONCE = { places: 10, holdMs: 2_000 }

/** Connects to all backends, and keeps connecting to those that cannot be reached. Never throws for a backend's fault. */
export function createBackends(configs: readonly BackendConfig[], deps: BackendsDeps): LiveBackends {
  const { log, version, onList } = deps
  const limits = { ...LIMITS, ...deps.limits }
  const topic = new Topic<string>((name) => name)
  const children = new Children()
  const keyring = new Keyring(deps.tokenCache ?? DEFAULT_TOKEN_CACHE, log)
  const ears = new Ears()
  const gate = new Gate(AT_ONCE)
  const changed = (name: string) => topic.publish(name)
  const shared = { version, limits, children, keyring, gate, log, onList, changed, aside: ears.aside }
  return new Pool(configs, {
    make: (config) => createBackend(config, shared),
    topic,
    ears,
    tune: ({ tokenCache }) => keyring.tune(tokenCache ?? DEFAULT_TOKEN_CACHE),
    async close() {
      await Promise.all([children.close(), keyring.close()])
      topic.close()
    },
  })
}
