import { setTimeout as sleep } from 'node:timers/promises'
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { type MetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import type { Log } from '../../core/log.ts'
import type { TelemetryConfig } from '../../core/telemetry-config.ts'
import type { Attributes, AttributeValue } from '../../core/trace.ts'
import { OwnMeter } from './meter.ts'
import { type Exporters, exportersFor } from './otlp.ts'
import { Scraper } from './prometheus.ts'
import { reported } from './reported.ts'
import { createTracer, type RunningTracer } from './traces/tracer.ts'

export interface OutletOptions {
  readonly log: Log
  /** `service.version`, where the configuration gives none. */
  readonly version: string
  /** What has been counted so far, where it goes on. */
  readonly meter?: OwnMeter | undefined
}

/** Where what is recorded goes. */
export interface Outlets {
  readonly meter: OwnMeter | undefined
  readonly tracer: RunningTracer | undefined
  readonly scrape: (() => Promise<string>) | undefined
  /** Sends what is counted for the last time. Never rejects. */
  endMetrics(): Promise<void>
  /** Sends what is left, within a few seconds. Never rejects. */
  close(): Promise<void>
}

const EXPORT_MS = 10_000
const METRICS_EVERY_MS = 60_000
/** To send what is left at the end. */
const FLUSH_MS = 3_000

/** @throws GatewayError `config` when a file of the configuration cannot be read */
export async function openOutlets(config: TelemetryConfig, options: OutletOptions): Promise<Outlets> {
  const resource = resourceOf(config, options.version)
  const exporters = config.otlp && (await exportersFor(config.otlp))
  const scraper = config.prometheus && new Scraper()
  const pusher = config.metrics && exporters ? await pusherOf(exporters, config, options.log) : undefined
  const readers = [scraper, pusher].filter((it) => it !== undefined)
  const meter = readers.length > 0 ? (options.meter ?? new OwnMeter()) : undefined
  for (const reader of readers) if (meter !== undefined) reader.setMetricProducer(meter.producer(resource))
  const tracer = exporters && (await tracerOf(exporters, config, { ...options, resource }))
  let ended: Promise<unknown> | undefined
  const endReaders = () => {
    ended ??= Promise.allSettled(readers.map((it) => it.shutdown()))
    return ended
  }
  const inTime = async (ending: Promise<unknown>, what: string) => {
    const late = sleep(FLUSH_MS, 'late', { ref: false })
    if ((await Promise.race([ending, late])) === 'late')
      options.log.warn({ endpoint: config.otlp?.url }, `the last ${what} could not be sent in time`)
  }
  return {
    meter,
    tracer,
    scrape: scraper && (() => scraper.scrape()),
    endMetrics: () => inTime(endReaders(), 'metrics'),
    close: () => inTime(Promise.allSettled([tracer?.close(), endReaders()]), 'traces and metrics'),
  }
}

async function pusherOf(exporters: Exporters, { otlp }: TelemetryConfig, log: Log): Promise<MetricReader> {
  const exporter = reported(await exporters.metrics(), { what: 'metrics', url: otlp?.url ?? '', log })
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: METRICS_EVERY_MS,
    exportTimeoutMillis: EXPORT_MS,
  })
}

async function tracerOf(
  exporters: Exporters,
  { otlp, traces, environment, legacyAttributes }: TelemetryConfig,
  { log, resource }: OutletOptions & { readonly resource: Resource },
): Promise<RunningTracer | undefined> {
  if (traces === undefined) return undefined
  const exporter = reported(await exporters.spans(), { what: 'traces', url: otlp?.url ?? '', log })
  return createTracer({
    exporter,
    log,
    resource: scalarsOf(resource),
    samplingRate: traces.samplingRate,
    attributes: Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [`environment.${name}`, value]),
    ),
    legacyAttributes,
  })
}

/** Of a resource there are lists only where somebody detects them, which nobody does here. */
function scalarsOf({ attributes }: Resource): Attributes {
  const isScalar = (entry: [string, unknown]): entry is [string, AttributeValue] =>
    typeof entry[1] !== 'object'
  return Object.fromEntries(Object.entries(attributes).filter(isScalar))
}

function resourceOf({ serviceName, serviceVersion, attributes }: TelemetryConfig, version: string): Resource {
  const own = { 'service.name': serviceName, 'service.version': serviceVersion ?? version }
  return defaultResource().merge(resourceFromAttributes({ ...attributes, ...own }))
}
