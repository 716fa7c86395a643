import { createBackends } from './backends/index.ts'
import { capabilitiesOf } from './capabilities.ts'
import { explain, type Router, templateMatcher } from './catalog/index.ts'
import type { AuthorizationConfig } from './core/authorization.ts'
import type { Catalog } from './core/catalog.ts'
import type { GatewayConfig } from './core/config.ts'
import type { Gateway, Layer } from './core/gateway.ts'
import type { IncomingAuthConfig } from './core/incoming-auth-config.ts'
import { type Log, silent } from './core/log.ts'
import type { Meter } from './core/meter.ts'
import type { OptimizerConfig } from './core/optimizer.ts'
import type { Backends } from './core/ports.ts'
import type { Telemetry } from './core/telemetry.ts'
import { allRunsOf, type Observer, roomOf } from './core/witness.ts'
import type { Control, ControlOptions } from './front/control.ts'
import { createFront, createIncoming, type FrontOptions, type Incoming, serveStdio } from './front/index.ts'
import { Gates } from './gates.ts'
import { reportHealth } from './health-report.ts'
import { History } from './history.ts'
import { instructionsOf } from './instructions.ts'
import { Kept } from './kept.ts'
import { Authorizer, admission, stepAdmission } from './layers/admission/index.ts'
import { composition } from './layers/composition/index.ts'
import { limits } from './layers/limits/index.ts'
import { parameterPolicy } from './layers/parameters.ts'
import { toolScopes } from './layers/scopes.ts'
import { visibility } from './layers/visibility.ts'
import { type Applied, LiveGateway } from './live-gateway.ts'
import { createOptimizer, type Optimizer } from './optimizer.ts'
import { readinessOf } from './readiness.ts'
import { type RunStore, Runs } from './runs.ts'
import { statusOf, type Viewer } from './status.ts'
import { healthOf } from './status-detail.ts'
import { VERSION } from './version.ts'

/**
 * The stack, innermost first. This order is the one place that says what applies before what. A layer that keeps
 * something is made through `kept`, so that it has it still when other settings change.
 */
function layersOf(
  { name, aggregation, compositeTools = [], rateLimiting, authorization, optimizer }: GatewayConfig,
  { log, observers, kept, gates, runs, incomingAuth, backends, meter }: Context,
): readonly Layer[] {
  const witnesses = observers.flatMap(({ runWitness }) => runWitness ?? [])
  const witness = allRunsOf([...witnesses, runs.book.witness])
  // Below the composite tools for their steps, and above them for those tools themselves.
  const scoped = scopesOf(incomingAuth)
  const authorizer = kept.get('authorizer', [name, authorization], () => authorizerOf(name, authorization))
  const steps = authorizer && authorization?.steps !== false ? stepAdmission(authorizer) : undefined
  const parameters = kept.get('parameters', aggregation.workloads, () => parameterPolicy(aggregation))
  return [
    ...(parameters === undefined ? [] : [parameters.layer]),
    ...scoped,
    kept.get('composition', [compositeTools, name, authorization], () =>
      composition(compositeTools, { log, witness, steps, keeper: runs.store }),
    ),
    ...(compositeTools.length > 0 ? scoped : []),
    visibility,
    ...(authorizer === undefined ? [] : [admission(authorizer)]),
    ...(rateLimiting === undefined ? [] : [limits(rateLimiting, { name, gate: gates.of(rateLimiting) })]),
    ...(optimizer === undefined ? [] : [optimizerOf(optimizer, { log, kept, backends, meter }).layer]),
  ]
}

function authorizerOf(server: string, config: AuthorizationConfig | undefined): Authorizer | undefined {
  return config && new Authorizer(config, { server, matches: templateMatcher() })
}

function optimizerOf(
  config: OptimizerConfig,
  parts: Pick<Context, 'log' | 'kept' | 'backends' | 'meter'>,
): Optimizer {
  return parts.kept.get('optimizer', config, () => createOptimizer(config, parts))
}

function scopesOf(auth: IncomingAuthConfig | undefined): readonly Layer[] {
  if (auth?.type !== 'oidc' || Object.keys(auth.scopes.tools).length === 0) return []
  return [toolScopes(auth.scopes.tools)]
}

export type { Applied } from './live-gateway.ts'

interface Context {
  readonly log: Log
  readonly observers: readonly Observer[]
  readonly kept: Kept
  readonly backends: Backends
  /** Who may come in, from the start to the end. */
  readonly incomingAuth: IncomingAuthConfig | undefined
  readonly gates: Gates
  readonly runs: Runs
  readonly meter: Meter | undefined
}

/** A gateway at work: its backends are connecting or connected; nothing listens yet. */
export interface Running {
  /** The top of the stack, for a front door or an embedder. */
  readonly gateway: Gateway
  /** What is served now: `apply` replaces it. */
  readonly config: GatewayConfig
  /** The innermost gateway, which also says what is in conflict. Of the configuration of now. */
  readonly router: Router
  /** What there is now, what is hidden and what was dropped included, without waiting for anybody. */
  readonly catalog: Catalog
  readonly backends: Backends
  readonly observers: readonly Observer[]
  readonly telemetry: Telemetry | undefined
  /** Of the configuration of now. */
  readonly optimizer: Optimizer | undefined
  /** Of composite tools. */
  readonly runs: Runs
  /** How the configuration came to be what it is. */
  readonly history: History
  /** Closes and opens again what is written to files, for those who have moved them away. */
  readonly reopening: Set<() => void | Promise<void>>
  /**
   * Serves another configuration without interruption: wholly, or, where it throws, not at all. Backends with the
   * same settings keep their connections; calls in progress end as they began, or after 10 s with an error.
   * @throws GatewayError `conflict`, `unavailable`
   */
  apply(config: GatewayConfig): Promise<Applied>
  /** Ends with the observers: until then there may be something to observe. */
  close(): Promise<void>
}

export interface GatewayOptions {
  readonly log?: Log
  /** See all that goes on, from the doors to the runs of composite tools. The gateway closes them. */
  readonly observers?: readonly Observer[]
  /** From `openRuns`. What the configuration says of it does nothing by itself. */
  readonly runs?: RunStore | undefined
  /** From `openTelemetry`; it is one of the observers. What the configuration says of it does nothing by itself. */
  readonly telemetry?: Telemetry | undefined
}

/** Starts the backends of `config` and stacks the layers on them. Never throws for a backend's fault. */
export function createGateway(config: GatewayConfig, options: GatewayOptions = {}): Running {
  const { log = silent, telemetry } = options
  const gates = new Gates({ log, meter: telemetry?.meter })
  const observers: readonly Observer[] = [
    ...(options.observers ?? []),
    ...(telemetry === undefined ? [] : [telemetry]),
    gates,
  ]
  const { tokenCache } = config
  const onList = telemetry?.onList
  const backends = createBackends(config.backends, { log, version: VERSION, onList, tokenCache })
  const kept = new Kept()
  const { incomingAuth } = config
  const runs = new Runs(options.runs)
  const meter = telemetry?.meter
  const context: Context = { log, observers, kept, gates, runs, incomingAuth, backends, meter }
  const live = new LiveGateway({ config, backends, layersOf: (it) => layersOf(it, context), telemetry, log })
  telemetry?.gauge(backends)
  const history = new History(live)
  const running: Running = {
    gateway: live.gateway,
    get config() {
      return live.current.config
    },
    get router() {
      return live.current.router
    },
    get catalog() {
      return live.current.catalog
    },
    backends,
    observers,
    telemetry,
    get optimizer() {
      const { optimizer } = live.current.config
      return optimizer && optimizerOf(optimizer, context)
    },
    runs,
    history,
    reopening: new Set(observers.flatMap(({ reopen }) => reopen ?? [])),
    async apply(next) {
      const applied = await live.apply(next)
      history.accepted()
      return applied
    },
    async close() {
      running.optimizer?.close()
      await live.close()
      await runs.close()
      await Promise.all(observers.map((observer) => observer.close()))
    },
  }
  void reportHealth(running, log)
  return running
}

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
  const { telemetry } = running
  const scrape = telemetry?.config.prometheus?.onTransportPort ? telemetry.scrape : undefined
  const { incomingAuth, name } = running.config
  const incoming = await createIncoming(incomingAuth, { log: options.log, name })
  try {
    const front = createFront(running.gateway, frontOptions(running, { ...options, incoming }, scrape))
    const { url } = await front.listen(options.port, options.host)
    const close = (graceMs: number) => front.close(graceMs).finally(incoming.close)
    return { url, close }
  } catch (error) {
    await incoming.close()
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
  const { incomingAuth, name } = running.config
  const auth = incomingAuth?.type === 'oidc' ? ({ type: 'local' } as const) : incomingAuth
  const incoming = await createIncoming(auth, { log: options.log, name })
  return serveStdio(running.gateway, frontOptions(running, { ...options, incoming }))
}

/** With getters for what may change: not to be copied. */
function frontOptions(
  running: Running,
  { log, controlToken, incoming, allowedHosts = [] }: DoorOptions & { readonly incoming: Incoming },
  scrape?: FrontOptions['scrape'],
): FrontOptions {
  const { backends, observers, telemetry } = running
  return {
    name: running.config.name,
    version: VERSION,
    log,
    allowedHosts: [...allowedHosts, ...ownHost(running.config)],
    authenticate: incoming.authenticate,
    principal: incoming.principal,
    resource: incoming.resource,
    get sessions() {
      return running.config.sessions
    },
    get passthroughHeaders() {
      return running.config.passthroughHeaders
    },
    ...requestIdOf(running.config),
    instructions: () => instructionsOf(backends.all),
    witnesses: observers.flatMap(({ witness }) => witness ?? []),
    ...roomOf(observers),
    status: (viewer) => wholeStatus(running, viewer),
    controlToken,
    scrape,
    health: () => healthOf(running),
    ready: () => readinessOf(running),
    capabilities: (era) => capabilitiesOf(backends.all, era),
    onSessionNews: (session, news) => backends.sessions.tell(session, news),
    onSessionClosed(session) {
      backends.sessions.release(session)
      telemetry?.sessionClosed(session)
    },
  }
}

/** The name that this server is told to have. */
function ownHost({ incomingAuth }: GatewayConfig): string[] {
  const url = incomingAuth?.type === 'oidc' ? incomingAuth.resource : undefined
  return url === undefined ? [] : [new URL(url).hostname]
}

function requestIdOf({ requestIdHeader }: GatewayConfig): Pick<FrontOptions, 'requestIdHeader'> {
  return requestIdHeader === undefined ? {} : { requestIdHeader }
}

function catalogOf({ catalog, backends, config, history }: Running): object {
  const entries = explain(catalog, { backends: backends.all, policy: config.aggregation })
  return { generation: history.generation, entries }
}

function wholeStatus(running: Running, viewer: Viewer): object {
  const parts = [running.optimizer, ...running.observers].map((part) => part?.status?.())
  return Object.assign(statusOf(running, VERSION, viewer), ...parts)
}
