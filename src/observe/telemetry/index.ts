import { setTimeout as sleep } from 'node:timers/promises'
import type { BackendConfig } from '../../core/config.ts'
import type { Backends } from '../../core/ports.ts'
import type { Gauged, Telemetry } from '../../core/telemetry.ts'
import type { TelemetryConfig } from '../../core/telemetry-config.ts'
import type { RunWitness, Witness } from '../../core/witness.ts'
import { gaugeBackends } from './backend-gauges.ts'
import { observeBackends } from './backends.ts'
import { type CallSeries, callSeries } from './call-series.ts'
import { Connections, gaugeConnections } from './connections.ts'
import { listingWitness } from './listings.ts'
import { type OutletOptions, type Outlets, openOutlets } from './outlets.ts'
import { partsWith } from './parts.ts'
import { RequestSeries } from './request-series.ts'
import { requestWitness } from './requests.ts'
import { runWitness } from './runs.ts'

export interface TelemetryOptions extends Omit<OutletOptions, 'meter'> {
  /** Name of this server. */
  readonly server: string
  /** What this is to take the place of: metrics go on where both have them. */
  readonly before?: Telemetry | undefined
}

/** How long the spans of what is under way are waited for after another has taken the place. */
const LAST_SPANS_MS = 10_000

/**
 * Begins to collect what is to be exported. Loads much: import it only where it is wanted.
 * @throws GatewayError `config` when a file of the configuration cannot be read
 */
export async function openTelemetry(config: TelemetryConfig, options: TelemetryOptions): Promise<Telemetry> {
  const before = options.before instanceof OwnTelemetry ? options.before : undefined
  const outlets = await openOutlets(config, { ...options, meter: before?.meter })
  return new OwnTelemetry(config, { outlets, server: options.server, before })
}

interface Parts {
  readonly outlets: Outlets
  readonly server: string
  readonly before: OwnTelemetry | undefined
}

class OwnTelemetry implements Telemetry {
  readonly config: TelemetryConfig
  readonly meter: Outlets['meter']
  readonly tracer: Outlets['tracer']
  readonly scrape: Outlets['scrape']
  readonly witness: Witness
  readonly runWitness: RunWitness
  readonly onList: Telemetry['onList']
  readonly beginPart: Telemetry['beginPart']
  readonly #outlets: Outlets
  readonly #server: string
  readonly #connections: Connections | undefined
  readonly #series: CallSeries | undefined
  readonly #closing = new AbortController()
  readonly #retiring = new AbortController()

  constructor(config: TelemetryConfig, { outlets, server, before }: Parts) {
    const { meter, tracer, scrape } = outlets
    const known = before !== undefined && before.meter === meter ? before.#connections : undefined
    this.config = config
    this.meter = meter
    this.tracer = tracer
    this.scrape = scrape
    this.#outlets = outlets
    this.#server = server
    this.#connections = meter && new Connections(meter, known)
    this.#series = meter && callSeries(meter)
    this.witness = requestWitness({
      server,
      series: meter && new RequestSeries(meter, server),
      connections: this.#connections,
      tracer,
      legacyAttributes: config.legacyAttributes,
    })
    this.runWitness = runWitness({ meter, tracer })
    this.beginPart = tracer && partsWith(tracer)
    this.onList = listingWitness({ series: this.#series, tracer })
  }

  observe(backends: Omit<Backends, 'close'>, configs: readonly BackendConfig[]): Omit<Backends, 'close'> {
    return observeBackends(backends, configs, {
      series: this.#series,
      tracer: this.tracer,
    })
  }

  gauge({ backends, connections }: Gauged): void {
    if (this.meter === undefined) return
    gaugeBackends(backends, this.meter, this.#retiring.signal)
    gaugeConnections(this.meter, this.#server, connections)
  }

  sessionClosed(session: string): void {
    this.#connections?.closed(session)
  }

  async retire(): Promise<void> {
    this.#retiring.abort()
    await Promise.all([
      this.#outlets.endMetrics(),
      sleep(this.tracer === undefined ? 0 : LAST_SPANS_MS, undefined, {
        ref: false,
        signal: this.#closing.signal,
      }).catch(() => {}),
    ])
    await this.close()
  }

  async close(): Promise<void> {
    this.#retiring.abort()
    this.#closing.abort()
    await this.#outlets.close()
  }
}
