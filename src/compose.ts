import { createBackends } from './backends/index.ts'
import { capabilitiesOf } from './capabilities.ts'
import { createRouter, type Router } from './catalog/index.ts'
import type { Catalog } from './core/catalog.ts'
import type { GatewayConfig } from './core/config.ts'
import type { Gateway, Layer } from './core/gateway.ts'
import { type Log, silent } from './core/log.ts'
import type { Backends } from './core/ports.ts'
import { allRunsOf, type Observer } from './core/witness.ts'
import { createFront, type FrontOptions, type Readiness, serveStdio } from './front/index.ts'
import { instructionsOf } from './instructions.ts'
import { composition, withComposites } from './layers/composition/index.ts'
import { visibility } from './layers/visibility.ts'
import { compositesOf, statusOf } from './status.ts'
import { VERSION } from './version.ts'

/** The stack, innermost first. This order is the one place that says what applies before what. */
function layersOf({ compositeTools = [] }: GatewayConfig, { log, observers }: Context): readonly Layer[] {
  const witness = allRunsOf(observers.flatMap(({ runWitness }) => runWitness ?? []))
  return [composition(compositeTools, { log, witness }), visibility]
}

type Context = Required<GatewayOptions>

/** A gateway at work: its backends are connecting or connected; nothing listens yet. */
export interface Running {
  /** The top of the stack, for a front door or an embedder. */
  readonly gateway: Gateway
  /** The innermost gateway, which also says what is in conflict. */
  readonly router: Router
  /** What there is now, what is hidden and what was dropped included, without waiting for anybody. */
  readonly catalog: Catalog
  readonly backends: Backends
  readonly observers: readonly Observer[]
  /** Ends with the observers: until then there may be something to observe. */
  close(): Promise<void>
}

export interface GatewayOptions {
  readonly log?: Log
  /** See all that goes on, from the doors to the runs of composite tools. The gateway closes them. */
  readonly observers?: readonly Observer[]
}

/** Starts the backends of `config` and stacks the layers on them. Never throws for a backend's fault. */
export function createGateway(config: GatewayConfig, options: GatewayOptions = {}): Running {
  const { log = silent, observers = [] } = options
  const backends = createBackends(config.backends, { log, version: VERSION })
  const router = createRouter(backends, config.aggregation, log)
  const extended = withComposites(config.compositeTools ?? [])
  const gateway = layersOf(config, { log, observers }).reduce<Gateway>((inner, layer) => layer(inner), router)
  return {
    gateway,
    router,
    get catalog() {
      return extended(router.catalog)
    },
    backends,
    observers,
    async close() {
      router.close()
      await backends.close()
      await Promise.all(observers.map((observer) => observer.close()))
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
  const { backends, observers } = running
  return {
    name: config.name,
    version: VERSION,
    log,
    sessions: config.sessions,
    passthroughHeaders: config.passthroughHeaders,
    instructions: () => instructionsOf(backends.all),
    witnesses: observers.flatMap(({ witness }) => witness ?? []),
    status: () => ({
      ...statusOf(config, backends.all, VERSION),
      ...compositesOf(running.catalog),
      ...Object.assign({}, ...observers.map((observer) => observer.status?.())),
    }),
    ready: () => readiness(backends),
    capabilities: (era) => capabilitiesOf(backends.all, era),
    onSessionNews: (session, news) => backends.sessions.tell(session, news),
    onSessionClosed: (session) => backends.sessions.release(session),
  }
}

/** Ready once every backend has answered or failed, and one that is slow does not hold back the others. */
function readiness({ all }: Backends): Readiness {
  const waiting = all.every(({ state }) => state.status === 'connecting') && all.length > 0
  return waiting
    ? { ready: false, mode: 'static', reason: 'no backend has answered yet' }
    : { ready: true, mode: 'static' }
}
