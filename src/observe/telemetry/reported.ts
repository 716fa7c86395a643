import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { Log } from '../../core/log.ts'

/** Says once that exports fail, and once that they work again. What could not be sent is dropped. */
class Failures {
  readonly #what: 'traces' | 'metrics'
  readonly #endpoint: string
  readonly #log: Log
  #failing = false

  constructor(what: 'traces' | 'metrics', endpoint: string, log: Log) {
    this.#what = what
    this.#endpoint = endpoint
    this.#log = log
  }

  note({ code, error }: ExportResult): void {
    const failed = code !== ExportResultCode.SUCCESS
    if (failed === this.#failing) return
    this.#failing = failed
    const facts = { endpoint: this.#endpoint }
    if (failed) {
      const why = error?.message ?? 'no reason was given'
      this.#log.warn(facts, `${this.#what} cannot be sent, and are dropped until they can: ${why}`)
    } else this.#log.info(facts, `${this.#what} are sent again`)
  }
}

export interface Destination {
  readonly url: string
  readonly log: Log
}

export class ReportedSpans implements SpanExporter {
  readonly #inner: SpanExporter
  readonly #failures: Failures

  constructor(inner: SpanExporter, { url, log }: Destination) {
    this.#inner = inner
    this.#failures = new Failures('traces', url, log)
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#inner.export(spans, (result) => {
      this.#failures.note(result)
      done(result)
    })
  }

  async forceFlush(): Promise<void> {
    await this.#inner.forceFlush?.()
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown()
  }
}

export class ReportedMetrics implements PushMetricExporter {
  readonly #inner: PushMetricExporter
  readonly #failures: Failures

  constructor(inner: PushMetricExporter, { url, log }: Destination) {
    this.#inner = inner
    this.#failures = new Failures('metrics', url, log)
  }

  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    this.#inner.export(metrics, (result) => {
      this.#failures.note(result)
      done(result)
    })
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush()
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown()
  }
}
