import { createBackends } from './backends/index.ts'
import { templateMatcher } from './catalog/index.ts'
import type { AuthorizationConfig } from './core/authorization.ts'
import type { GatewayConfig } from './core/config.ts'
import type { Layer } from './core/gateway.ts'
import type { IncomingAuthConfig } from './core/incoming-auth-config.ts'
import { type Log, silent } from './core/log.ts'
import type { Backends, ListingWitness } from './core/ports.ts'
import type { OpenConnections } from './core/telemetry.ts'
import type { Observer } from './core/witness.ts'
import { Authorizer, admission, stepAdmission } from './layers/admission/index.ts'
import { composition } from './layers/composition/index.ts'
import { limits } from './layers/limits/index.ts'
import { parameterPolicy } from './layers/parameters.ts'
import { toolScopes } from './layers/scopes.ts'
import { visibility } from './layers/visibility.ts'
import { LiveGateway } from './live/gateway.ts'
import { keepTickShape } from './net/tick.ts'
import { type Observation, Observing } from './observe/observing.ts'
import type { Running } from './running.ts'
import { Gates } from './stack/gates.ts'
import { Kept } from './stack/kept.ts'
import { optimizerIn, optimizerOf } from './stack/optimizer.ts'
import { reportHealth } from './status/health-report.ts'
import { History } from './status/history.ts'
import { VERSION } from './version.ts'
import { Runs } from './workflows/runs.ts'

/**
 * The stack, innermost first. This order is the one place that says what applies before what. A layer that keeps
 * something is made through `kept`, so that it has it still when other settings change.
 */
function layersOf(
  {
    name,
    aggregation,
    compositeTools = [],
    rateLimiting,
    authorization,
    optimizer,
    incomingAuth,
  }: GatewayConfig,
  { log, observing, kept, gates, runs, backends }: Context,
  { telemetry }: Observation,
): readonly Layer[] {
  // Below the composite tools for their steps, and above them for those tools themselves.
  const scoped = scopesOf(incomingAuth)
  const authorizer = kept.get('authorizer', {
    settings: [name, authorization],
    make: () => authorizerOf(name, authorization),
  })
  const steps = authorizer && authorization?.steps !== false ? stepAdmission(authorizer) : undefined
  const parameters = kept.get('parameters', {
    settings: aggregation.workloads,
    make: () => parameterPolicy(aggregation),
  })
  const composed = kept.get('composition', {
    settings: [compositeTools, name, authorization],
    make: () => {
      const witness = () => observing.now.runWitness
      return composition(compositeTools, { log, witness, keeper: () => runs.store, steps })
    },
  })
  return [
    ...(parameters === undefined ? [] : [parameters.layer]),
    ...scoped,
    composed,
    ...(compositeTools.length > 0 ? scoped : []),
    visibility,
    ...(authorizer === undefined ? [] : [admission(authorizer)]),
    ...(rateLimiting === undefined ? [] : [limits(rateLimiting, { name, gate: gates.of(rateLimiting) })]),
    ...(optimizer === undefined ? [] : [optimizerOf(optimizer, { log, kept, backends, telemetry }).layer]),
  ]
}

function authorizerOf(server: string, config: AuthorizationConfig | undefined): Authorizer | undefined {
  return config && new Authorizer(config, { server, matches: templateMatcher() })
}

function scopesOf(auth: IncomingAuthConfig | undefined): readonly Layer[] {
  if (auth?.type !== 'oidc' || Object.keys(auth.scopes.tools).length === 0) return []
  return [toolScopes(auth.scopes.tools)]
}

interface Context {
  readonly log: Log
  readonly observing: Observing
  readonly kept: Kept
  readonly backends: Backends
  readonly gates: Gates
  readonly runs: Runs
}

export interface GatewayOptions {
  readonly log?: Log
  /** See all that goes on, from the doors to the runs of composite tools. The gateway closes them. */
  readonly observers?: readonly Observer[]
  /** From `openObserving`. Without it, what the configuration says of audit and telemetry does nothing. */
  readonly observing?: Observing
}

/** Starts the backends of `config` and stacks the layers on them. Never throws for a backend's fault. */
export function createGateway(config: GatewayConfig, options: GatewayOptions = {}): Running {
  const { log = silent, observing = new Observing() } = options
  void keepTickShape()
  const gates = new Gates(log)
  gates.count(observing.now.telemetry?.meter)
  const runs = new Runs()
  observing.join([...(options.observers ?? []), gates, runs])
  const onList: ListingWitness = (it) => observing.now.telemetry?.onList(it) ?? (() => {})
  const { tokenCache } = config
  const backends = createBackends(config.backends, { log, version: VERSION, onList, tokenCache })
  const kept = new Kept()
  const context: Context = { log, observing, kept, gates, runs, backends }
  const doors = new Set<() => OpenConnections>()
  const gauge = () => observing.now.telemetry?.gauge({ backends, connections: () => sumOf(doors) })
  const live = new LiveGateway({
    config,
    backends,
    layersOf: (it, observation) => layersOf(it, context, observation),
    kept,
    observing,
    log,
    onApplied(before) {
      backends.tune(live.current.config)
      const { telemetry } = observing.now
      if (telemetry === before.telemetry) return
      gates.count(telemetry?.meter)
      gauge()
    },
  })
  gauge()
  const running = runningOver({ live, observing, backends, kept, runs, doors })
  void reportHealth(running, log)
  return running
}

interface Whole extends Pick<Context, 'observing' | 'kept' | 'backends'> {
  readonly live: LiveGateway
  readonly runs: Runs
  readonly doors: Running['doors']
}

function runningOver({ live, observing, backends, kept, runs, doors }: Whole): Running {
  const history = new History(live)
  return {
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
    get observation() {
      return observing.now
    },
    get telemetry() {
      return observing.now.telemetry
    },
    get optimizer() {
      return optimizerIn(kept)
    },
    runs,
    history,
    parts: live.parts,
    doors,
    join: (open) => live.join(open),
    async apply(next) {
      const applied = await live.apply(next)
      history.accepted()
      return applied
    },
    async close() {
      kept.close()
      await live.close()
      await observing.close()
    },
  }
}

function sumOf(doors: Iterable<() => OpenConnections>): OpenConnections {
  let [sessions, streams] = [0, 0]
  for (const door of doors) {
    const open = door()
    sessions += open.sessions
    streams += open.streams
  }
  return { sessions, streams }
}
