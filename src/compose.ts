import { createBackends } from './backends/index.ts'
import { capabilitiesOf } from './capabilities.ts'
import { createRouter, type Router } from './catalog/index.ts'
import type { Catalog } from './core/catalog.ts'
import type { GatewayConfig } from './core/config.ts'
import type { Gateway, Layer } from './core/gateway.ts'
import { type Log, silent } from './core/log.ts'
import type { Backends } from './core/ports.ts'
import { createFront, type FrontOptions, serveStdio } from './front/index.ts'
import { reportHealth } from './health-report.ts'
import { instructionsOf } from './instructions.ts'
import { composition, withComposites } from './layers/composition/index.ts'
import { visibility } from './layers/visibility.ts'
import { readinessOf } from './readiness.ts'
import { compositesOf, statusOf } from './status.ts'
import { healthOf } from './status-detail.ts'
import { VERSION } from './version.ts'

/** The stack, innermost first. This order is the one place that says what applies before what. */
function layersOf({ compositeTools = [] }: GatewayConfig, log: Log): readonly Layer[] {
  return [composition(compositeTools, { log }), visibility]
}

/** A gateway at work: its backends are connecting or connected; nothing listens yet. */
export interface Running {
  /** The top of the stack, for a front door or an embedder. */
  readonly gateway: Gateway
  /** The innermost gateway, which also says what is in conflict. */
  readonly router: Router
  /** What there is now, what is hidden and what was dropped included, without waiting for anybody. */
  readonly catalog: Catalog
  readonly backends: Backends
  close(): Promise<void>
}

export interface GatewayOptions {
  readonly log?: Log
}

/** Starts the backends of `config` and stacks the layers on them. Never throws for a backend's fault. */
export function createGateway(config: GatewayConfig, options: GatewayOptions = {}): Running {
  const log = options.log ?? silent
  const backends = createBackends(config.backends, { log, version: VERSION })
  const router = createRouter(backends, config.aggregation, log, config.partialFailure)
  const closing = new AbortController()
  const everyMs = config.healthReportMs
  if (everyMs !== undefined) void reportHealth({ backends, log, everyMs, signal: closing.signal })
  const extended = withComposites(config.compositeTools ?? [])
  const gateway = layersOf(config, log).reduce<Gateway>((inner, layer) => layer(inner), router)
  return {
    gateway,
    router,
    get catalog() {
      return extended(router.catalog)
    },
    backends,
    async close() {
      closing.abort()
      router.close()
      await backends.close()
    },
  }
}

export interface ServeOptions {
  readonly config: GatewayConfig
  readonly log: Log
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Host names that clients may use, beyond loopback and `host`; `*` is any. */
  readonly allowedHosts?: readonly string[]
}

export interface HttpDoor {
  readonly url: string
  close(graceMs: number): Promise<void>
}

/** Opens the HTTP front. @throws GatewayError `config` when the address cannot be bound */
export async function serveHttp(running: Running, options: ServeOptions): Promise<HttpDoor> {
  const { allowedHosts = [] } = options
  const front = createFront(running.gateway, { ...frontOptions(running, options), allowedHosts })
  const { url } = await front.listen(options.port, options.host)
  return { url, close: (graceMs) => front.close(graceMs) }
}

export interface StdioDoor {
  /** When the client has gone. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** Serves one client on stdin and stdout. */
export function serveStdioFront(running: Running, options: Pick<ServeOptions, 'config' | 'log'>): StdioDoor {
  return serveStdio(running.gateway, frontOptions(running, options))
}

function frontOptions(running: Running, { config, log }: Pick<ServeOptions, 'config' | 'log'>): FrontOptions {
  const { backends } = running
  return {
    name: config.name,
    version: VERSION,
    log,
    sessions: config.sessions,
    passthroughHeaders: config.passthroughHeaders,
    instructions: () => instructionsOf(backends.all),
    status: (detail) => ({
      ...statusOf(config, backends.all, VERSION, detail),
      ...compositesOf(running.catalog),
    }),
    health: () => healthOf(config.backends, backends.all),
    ready: () => readinessOf(config, backends),
    capabilities: (era) => capabilitiesOf(backends.all, era),
    onSessionNews: (session, news) => backends.sessions.tell(session, news),
    onSessionClosed: (session) => backends.sessions.release(session),
  }
}
