import type { Log } from '../core/log.ts'
import type { FrontOptions } from '../front/index.ts'
import type { Running } from '../running.ts'
import { healthOf } from '../status/health.ts'
import { wholeStatus } from '../status/whole.ts'
import { VERSION } from '../version.ts'
import { capabilitiesOf } from './capabilities.ts'
import type { Doorkeeper } from './doorkeeper.ts'
import { instructionsOf } from './instructions.ts'
import { publishedAt } from './published-keys.ts'
import { readinessOf } from './readiness.ts'

export interface DoorOptions {
  readonly log: Log
  /** Opens what is for the one who runs the gateway. */
  readonly controlToken?: string | undefined
  /** Host names that clients may use, beyond loopback and `host`; `*` is any. */
  readonly allowedHosts?: readonly string[]
}

/** With getters for what may change: not to be copied. */
export function frontOptions(
  running: Running,
  doorkeeper: Doorkeeper,
  { log, controlToken }: DoorOptions,
): FrontOptions {
  const { backends } = running
  return {
    get name() {
      return running.config.name
    },
    version: VERSION,
    log,
    get allowedHosts() {
      return doorkeeper.allowedHosts
    },
    get authenticate() {
      return doorkeeper.incoming.authenticate
    },
    get principal() {
      return doorkeeper.incoming.principal
    },
    get resource() {
      return doorkeeper.incoming.resource
    },
    published: (path) => publishedAt(path, running.config),
    watch: (stay) => doorkeeper.incoming.watch(stay),
    get sessions() {
      return running.config.sessions
    },
    get passthroughHeaders() {
      return running.config.passthroughHeaders
    },
    get requestIdHeader() {
      return running.config.requestIdHeader
    },
    instructions: () => instructionsOf(backends.all),
    get witnesses() {
      return running.observation.witnesses
    },
    get room() {
      return running.observation.room
    },
    status: (viewer) => wholeStatus(running, viewer),
    controlToken,
    get scrape() {
      const { telemetry } = running
      return telemetry?.config.prometheus?.onTransportPort ? telemetry.scrape : undefined
    },
    health: () => healthOf(running),
    ready: () => readinessOf(running),
    capabilities: (era) => capabilitiesOf(backends.all, era),
    onSessionNews: (session, news) => backends.sessions.tell(session, news),
    onSessionClosed(session) {
      backends.sessions.release(session)
      running.telemetry?.sessionClosed(session)
    },
  }
}
