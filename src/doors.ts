import { capabilitiesOf } from './capabilities.ts'
import { explain } from './catalog/index.ts'
import type { Running } from './compose.ts'
import type { Log } from './core/log.ts'
import type { Control, ControlOptions } from './front/control.ts'
import { createFront, type FrontOptions, serveStdio } from './front/index.ts'
import { Guard } from './guard.ts'
import { instructionsOf } from './instructions.ts'
import { publishedAt } from './published-keys.ts'
import { readinessOf } from './readiness.ts'
import { statusOf, type Viewer } from './status.ts'
import { healthOf } from './status-detail.ts'
import { VERSION } from './version.ts'

interface DoorOptions {
  readonly log: Log
  /** Opens what is for the one who runs the gateway. */
  readonly controlToken?: string | undefined
  /** Host names that clients may use, beyond loopback and `host`; `*` is any. */
  readonly allowedHosts?: readonly string[]
}

export interface ServeOptions extends DoorOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

export interface HttpDoor {
  readonly url: string
  close(graceMs: number): Promise<void>
}

/** Opens the HTTP front. @throws GatewayError `config` when the address cannot be bound */
export async function serveHttp(running: Running, options: ServeOptions): Promise<HttpDoor> {
  const { log, allowedHosts = [] } = options
  const guard = await Guard.open(running, { log, allowedHosts, auth: ({ incomingAuth }) => incomingAuth })
  try {
    const front = createFront(running.gateway, frontOptions(running, guard, options))
    const { url } = await front.listen(options.port, options.host)
    const connections = () => front.connections
    running.doors.add(connections)
    guard.onChange = () => front.judge()
    const close = async (graceMs: number) => {
      await front.close(graceMs)
      running.doors.delete(connections)
      await guard.close()
    }
    return { url, close }
  } catch (error) {
    await guard.close()
    throw error
  }
}

/** Opens the way in for the one who runs the gateway. @throws GatewayError `config` when there is no port to be had */
export async function openControl(
  running: Running,
  options: Pick<ControlOptions, 'token' | 'reload'>,
): Promise<Control> {
  const front = await import('./front/control.ts')
  const status = () => wholeStatus(running, 'operator')
  return front.openControl({ ...options, status, catalog: () => catalogOf(running), runs: running.runs })
}

export interface StdioDoor {
  /** When the client has gone. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** Serves one client on stdin and stdout: the user, who is asked for no token. @throws GatewayError `config` */
export async function serveStdioFront(running: Running, options: DoorOptions): Promise<StdioDoor> {
  const guard = await Guard.open(running, {
    log: options.log,
    allowedHosts: [],
    auth: ({ incomingAuth }) => (incomingAuth?.type === 'oidc' ? { type: 'local' } : incomingAuth),
  })
  const front = serveStdio(running.gateway, frontOptions(running, guard, options))
  const connections = () => front.connections
  running.doors.add(connections)
  guard.onChange = () => front.judge()
  return {
    closed: front.closed,
    async close() {
      await front.close()
      running.doors.delete(connections)
      await guard.close()
    },
  }
}

/** With getters for what may change: not to be copied. */
function frontOptions(running: Running, guard: Guard, { log, controlToken }: DoorOptions): FrontOptions {
  const { backends } = running
  return {
    get name() {
      return running.config.name
    },
    version: VERSION,
    log,
    get allowedHosts() {
      return guard.allowedHosts
    },
    get authenticate() {
      return guard.incoming.authenticate
    },
    get principal() {
      return guard.incoming.principal
    },
    get resource() {
      return guard.incoming.resource
    },
    published: (path) => publishedAt(path, running.config),
    watch: (stay) => guard.incoming.watch(stay),
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

function catalogOf({ catalog, backends, config, history }: Running): object {
  const entries = explain(catalog, { backends: backends.all, policy: config.aggregation })
  return { generation: history.generation, entries }
}

function wholeStatus(running: Running, viewer: Viewer): object {
  const parts = [running.optimizer, ...running.observation.observers].map((part) => part?.status?.())
  return Object.assign(statusOf(running, VERSION, viewer), ...parts)
}
