import { type HrTime, ValueType } from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics'
import type { Meter, Metric, Reading, Series } from '../../core/meter.ts'
import { Known } from './known.ts'
import { Distribution, SECONDS } from './timings.ts'

interface Tally {
  readonly attributes: Reading['attributes']
  value: number
}

type Collect = (at: HrTime) => MetricData

/**
 * Counts and times are kept here, where recording costs next to nothing, and the readers of OpenTelemetry collect
 * them. Its own instruments look up the attributes at each recording, for 2 µs each and for each reader.
 */
export class OwnMeter implements Meter {
  readonly #began = millisToHrTime(Date.now())
  readonly #series = new Map<string, Series>()
  readonly #metrics = new Map<string, Collect>()

  counter(metric: Metric): Series {
    return this.#once(metric, () => {
      const tallies = new Known((attributes): Tally => ({ attributes, value: 0 }))
      this.#metrics.set(metric.name, (at) => this.#sum(metric, [...tallies.all()], at))
      return (attributes) => {
        const tally = tallies.of(attributes)
        return (value) => {
          tally.value += value
        }
      }
    })
  }

  timing(metric: Metric): Series {
    return this.#histogram(metric, 's', SECONDS)
  }

  amount(metric: Metric, bounds: readonly number[]): Series {
    return this.#histogram(metric, '', bounds)
  }

  #histogram(metric: Metric, unit: string, bounds: readonly number[]): Series {
    return this.#once(metric, () => {
      const timings = new Known((attributes) => new Distribution(attributes, bounds))
      this.#metrics.set(metric.name, (at) => ({
        ...common(metric, unit),
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: [...timings.all()].map((it) => this.#point(it.attributes, it.histogram, at)),
      }))
      return (attributes) => timings.of(attributes).record
    })
  }

  /** Takes the place of one of the same name, as `total` does. */
  gauge(metric: Metric, read: () => Iterable<Reading>): void {
    this.#metrics.set(metric.name, (at) => ({
      ...common(metric, ''),
      dataPointType: DataPointType.GAUGE,
      dataPoints: [...read()].map(({ attributes, value }) => this.#point(attributes, value, at)),
    }))
  }

  total(metric: Metric, read: () => Iterable<Reading>): void {
    this.#metrics.set(metric.name, (at) => this.#sum(metric, [...read()], at))
  }

  /** For a reader, which exports it all as what the resource tells of. */
  producer(resource: Resource): MetricProducer {
    return { collect: async () => this.#collect(resource) }
  }

  #collect(resource: Resource): CollectionResult {
    const at = millisToHrTime(Date.now())
    const metrics = [...this.#metrics.values()]
      .map((collect) => collect(at))
      .filter(({ dataPoints }) => dataPoints.length > 0)
    const scopeMetrics = [{ scope: { name: 'vmcp' }, metrics }]
    return { resourceMetrics: { resource, scopeMetrics }, errors: [] }
  }

  #once({ name }: Metric, make: () => Series): Series {
    const known = this.#series.get(name) ?? make()
    this.#series.set(name, known)
    return known
  }

  #sum(metric: Metric, readings: readonly Reading[], at: HrTime): MetricData {
    const dataPoints = readings.map(({ attributes, value }) => this.#point(attributes, value, at))
    return { ...common(metric, ''), dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
  }

  #point<T>(attributes: Reading['attributes'], value: T, endTime: HrTime): DataPoint<T> {
    return { startTime: this.#began, endTime, attributes, value }
  }
}

function common({ name, description }: Metric, unit: string) {
  const descriptor = { name, description, unit, valueType: ValueType.DOUBLE }
  return { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE }
}
