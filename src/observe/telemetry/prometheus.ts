import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import {
  AggregationTemporality,
  type MetricData,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'

/** Collects when it is asked. */
export class Scraper extends MetricReader {
  // Without the name of the scope, which is the same for all.
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, false, true)

  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE })
  }

  /** Everything, in Prometheus' text format. */
  async scrape(): Promise<string> {
    const { resourceMetrics } = await this.collect()
    return this.#serializer.serialize(named(resourceMetrics))
  }

  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** Prometheus wants the unit in the name (Prometheus, Metric and label naming). */
function named(all: ResourceMetrics): ResourceMetrics {
  const scopeMetrics = all.scopeMetrics.map((scope) => ({ ...scope, metrics: scope.metrics.map(withUnit) }))
  return { ...all, scopeMetrics }
}

function withUnit(metric: MetricData): MetricData {
  const { descriptor } = metric
  if (descriptor.unit !== 's') return metric
  return { ...metric, descriptor: { ...descriptor, name: `${descriptor.name}_seconds`, unit: '' } }
}
