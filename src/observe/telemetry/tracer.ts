import { createTraceState, TraceFlags } from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import type { SpanProcessor } from '@opentelemetry/sdk-trace'
import { type Span, type SpanStart, type TraceContext, type Tracer, UNTRACED } from '../../core/trace.ts'
import { Ids } from './ids.ts'
import { RecordedSpan, type Recording } from './span.ts'

export interface TracerOptions extends Omit<Recording, 'ended'> {
  readonly processor: SpanProcessor
  /** Of what begins a trace, 0 to 1; what continues one is recorded as the peer has decided. */
  readonly samplingRate: number
}

export interface RunningTracer extends Tracer {
  close(): Promise<void>
}

export function createTracer({ processor, samplingRate, ...recording }: TracerOptions): RunningTracer {
  return new SamplingTracer(samplingRate, {
    recording: { ...recording, ended: (span) => processor.onEnd(span) },
    close: () => processor.shutdown(),
  })
}

interface Parts {
  readonly recording: Recording
  readonly close: () => Promise<void>
}

class SamplingTracer implements RunningTracer {
  readonly #ids = new Ids()
  readonly #samplingRate: number
  readonly #recording: Recording
  readonly close: () => Promise<void>

  constructor(samplingRate: number, { recording, close }: Parts) {
    this.#samplingRate = samplingRate
    this.#recording = recording
    this.close = close
  }

  read(traceparent: string, tracestate: string | undefined): TraceContext | undefined {
    const read = parseTraceParent(traceparent)
    if (read === null) return undefined
    const { traceId, spanId, traceFlags } = read
    const state = tracestate === undefined ? '' : createTraceState(tracestate).serialize()
    const sampled = (traceFlags & TraceFlags.SAMPLED) !== 0
    return { traceId, spanId, sampled, state: state === '' ? undefined : state }
  }

  begin(start: SpanStart): Span {
    const { parent } = start
    if (parent === undefined && Math.random() >= this.#samplingRate) return UNRECORDED
    if (parent?.sampled === false) return parent === UNTRACED ? UNRECORDED : new UnrecordedSpan(parent)
    const traceId = parent?.traceId ?? this.#ids.traceId()
    return new RecordedSpan(start, { traceId, spanId: this.#ids.spanId() }, this.#recording)
  }
}

class UnrecordedSpan implements Span {
  readonly context: TraceContext

  constructor(context: TraceContext) {
    this.context = context
  }

  set(): void {}
  rename(): void {}
  end(): void {}
}

const UNRECORDED = new UnrecordedSpan(UNTRACED)
