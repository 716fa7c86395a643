import type { BackendConfig } from '../core/config.ts'
import type { Log } from '../core/log.ts'
import type { Keyring } from './auth/index.ts'
import { ConnectedBackend, type ManagedBackend } from './backend.ts'
import { Dialer } from './dialer.ts'
import type { BackendOptions } from './home.ts'
import { LIMITS, type Limits } from './mcp/limits.ts'
import type { Children } from './mcp/stdio/children.ts'
import { ReplicatedBackend } from './replicas.ts'
import { Terms } from './terms.ts'

/** What all backends of one gateway have in common. */
export interface Shared extends Pick<BackendOptions, 'gate' | 'log' | 'onList' | 'changed' | 'aside'> {
  readonly version: string
  readonly limits: Limits
  readonly children: Children
  readonly keyring: Keyring
}

/** A backend at one address, or at several that offer the same. */
export function createBackend(config: BackendConfig, shared: Shared): ManagedBackend {
  const { replicas = [] } = config.transport === 'stdio' ? {} : config
  if (config.transport === 'stdio' || replicas.length === 0) return connect(config, shared)
  const urls = [config.url, ...replicas]
  return new ReplicatedBackend({
    terms: new Terms(config),
    changed: shared.changed,
    connect: (changed) =>
      urls.map((url, i) =>
        connect({ ...config, url }, { ...shared, changed, log: numbered(shared.log, i + 1) }),
      ),
  })
}

function connect(given: BackendConfig, shared: Shared): ConnectedBackend {
  const { version, children, keyring, log } = shared
  const terms = new Terms(given)
  const { config } = terms
  const limits = {
    ...shared.limits,
    // A backend that may take longer to answer may take longer to list.
    get connectMs() {
      return terms.timeoutMs > LIMITS.connectMs ? terms.timeoutMs : shared.limits.connectMs
    },
  }
  const renewed = () => backend.hurry()
  const dialer = new Dialer({ config, version, limits, children, keyring, log, renewed })
  const backend = new ConnectedBackend({ ...shared, terms, config, dialer, limits })
  return backend
}

/** Says of each line which replica it is about. */
function numbered(log: Log, replica: number): Log {
  const add =
    (write: Log['info']): Log['info'] =>
    (fields, message) =>
      write({ ...fields, replica }, message)
  return { debug: add(log.debug), info: add(log.info), warn: add(log.warn), error: add(log.error) }
}
