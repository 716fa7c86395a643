import { createTraceState, TraceFlags } from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import type { Log } from '../../../core/log.ts'
import {
  type Attributes,
  type Span,
  type SpanStart,
  type TraceContext,
  type Tracer,
  UNTRACED,
} from '../../../core/trace.ts'
import { SpanBatches, type SpanExporter } from './batches.ts'
import { type Common, type SharedPart, SpanEncoder } from './encoder.ts'
import { Ids } from './ids.ts'
import { RecordedSpan } from './span.ts'

export interface TracerOptions extends Common {
  readonly exporter: SpanExporter
  readonly log: Log
  /** Of what begins a trace, 0 to 1; what continues one is recorded as the peer has decided. */
  readonly samplingRate: number
}

/** A span that may be told at once what it has in common with others. */
export interface SharingSpan extends Span {
  share(part: SharedPart): void
}

export interface SharingTracer extends Tracer {
  begin(start: SpanStart): SharingSpan
  /** Name and attributes that many spans have. Those that are told of a span itself have to be others. */
  share(name: string, attributes: Attributes): SharedPart
}

export interface RunningTracer extends SharingTracer {
  /** Sends what is left. */
  close(): Promise<void>
}

export function createTracer({ exporter, log, samplingRate, ...common }: TracerOptions): RunningTracer {
  const encoder = new SpanEncoder(common)
  return new SamplingTracer(samplingRate, { encoder, batches: new SpanBatches(encoder, { exporter, log }) })
}

interface Parts {
  readonly encoder: SpanEncoder
  readonly batches: SpanBatches
}

class SamplingTracer implements RunningTracer {
  readonly #ids = new Ids()
  readonly #samplingRate: number
  readonly #parts: Parts
  readonly #ended: ConstructorParameters<typeof RecordedSpan>[2]

  constructor(samplingRate: number, parts: Parts) {
    this.#samplingRate = samplingRate
    this.#parts = parts
    this.#ended = (span) => parts.batches.add(span)
  }

  read(traceparent: string, tracestate: string | undefined): TraceContext | undefined {
    const read = parseTraceParent(traceparent)
    if (read === null) return undefined
    const { traceId, spanId, traceFlags } = read
    const state = tracestate === undefined ? '' : createTraceState(tracestate).serialize()
    const sampled = (traceFlags & TraceFlags.SAMPLED) !== 0
    return { traceId, spanId, sampled, state: state === '' ? undefined : state, remote: true }
  }

  begin(start: SpanStart): SharingSpan {
    const { parent } = start
    if (parent === undefined && Math.random() >= this.#samplingRate) return UNRECORDED
    if (parent?.sampled === false) return parent === UNTRACED ? UNRECORDED : new UnrecordedSpan(parent)
    const traceId = parent?.traceId ?? this.#ids.traceId()
    return new RecordedSpan(start, { traceId, spanId: this.#ids.spanId() }, this.#ended)
  }

  share(name: string, attributes: Attributes): SharedPart {
    return this.#parts.encoder.share(name, attributes)
  }

  close(): Promise<void> {
    return this.#parts.batches.close()
  }
}

class UnrecordedSpan implements SharingSpan {
  readonly context: TraceContext

  constructor(context: TraceContext) {
    this.context = context
  }

  share(): void {}
  set(): void {}
  end(): void {}
}

const UNRECORDED = new UnrecordedSpan(UNTRACED)
