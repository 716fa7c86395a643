import type { Telemetry } from '../../core/telemetry.ts'
import type { TelemetryConfig } from '../../core/telemetry-config.ts'
import { gaugeBackends } from './backend-gauges.ts'
import { observeBackends } from './backends.ts'
import { callSeries } from './call-series.ts'
import { Connections } from './connections.ts'
import { listingWitness } from './listings.ts'
import { type OutletOptions, openOutlets } from './outlets.ts'
import { RequestSeries } from './request-series.ts'
import { requestWitness } from './requests.ts'
import { runWitness } from './runs.ts'
import { Traces } from './traces.ts'

export interface TelemetryOptions extends OutletOptions {
  /** Name of this server. */
  readonly server: string
}

/**
 * Begins to collect what is to be exported. Loads much: import it only where it is wanted.
 * @throws GatewayError `config` when a file of the configuration cannot be read
 */
export async function openTelemetry(config: TelemetryConfig, options: TelemetryOptions): Promise<Telemetry> {
  const { server } = options
  const { meter, tracer, scrape, close } = await openOutlets(config, options)
  const traces = new Traces()
  const closing = new AbortController()
  const connections = meter && new Connections(meter, server)
  const known = { series: meter && callSeries(meter), tracer, traces }
  return {
    config,
    meter,
    tracer,
    scrape,
    witness: requestWitness({
      server,
      series: meter && new RequestSeries(meter, server),
      connections,
      tracer,
      traces,
      legacyAttributes: config.legacyAttributes,
    }),
    runWitness: runWitness({ meter, tracer, traces }),
    onList: listingWitness(known),
    observe: (backends, configs) => observeBackends(backends, configs, known),
    gauge: (backends) => meter && gaugeBackends(backends, meter, closing.signal),
    sessionClosed: (session) => connections?.closed(session),
    async close() {
      closing.abort()
      await close()
    },
  }
}
