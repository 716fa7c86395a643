import {
  type Context,
  createTraceState,
  type Span as OtelSpan,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  SamplingDecision,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Attributes, Span, SpanStart, TraceContext, Tracer } from '../../core/trace.ts'
import { Ids } from './ids.ts'
import { OLDER_NAMES } from './older-names.ts'

export interface TracerOptions {
  readonly resource: Resource
  readonly processor: SpanProcessor
  /** Of what begins a trace, 0 to 1; what continues one is recorded as the peer has decided. */
  readonly samplingRate: number
  /** Of every span. */
  readonly attributes: Attributes
  readonly legacyAttributes: boolean
}

export interface RunningTracer extends Tracer {
  close(): Promise<void>
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const

export function createTracer(options: TracerOptions): RunningTracer {
  const ids = new Ids()
  const provider = new TracerProvider({
    resource: options.resource,
    spanProcessors: [options.processor],
    // What is not sampled never comes here.
    sampler: new AlwaysOnSampler(),
    idGenerator: ids,
  })
  return new SdkTracer(provider.getTracer('vmcp'), ids, options, () => provider.shutdown())
}

class SdkTracer implements RunningTracer {
  readonly #tracer: OtelTracer
  readonly #ids: Ids
  readonly #sampler: TraceIdRatioBasedSampler
  readonly #options: TracerOptions
  readonly close: () => Promise<void>

  constructor(tracer: OtelTracer, ids: Ids, options: TracerOptions, close: () => Promise<void>) {
    this.#tracer = tracer
    this.#ids = ids
    this.#sampler = new TraceIdRatioBasedSampler(options.samplingRate)
    this.#options = options
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

  begin({ name, kind, parent, link }: SpanStart): Span {
    if (parent !== undefined && !parent.sampled) return new UnrecordedSpan(parent)
    const traceId = parent?.traceId ?? this.#ids.freshTraceId()
    if (parent === undefined && !this.#samples(traceId))
      return new UnrecordedSpan({
        traceId,
        spanId: this.#ids.generateSpanId(),
        sampled: false,
        state: undefined,
      })
    this.#ids.next = traceId
    const { attributes, legacyAttributes } = this.#options
    const links = link === undefined ? [] : [{ context: toOtel(link) }]
    const span = this.#tracer.startSpan(name, { kind: KINDS[kind], attributes, links }, under(parent))
    return new RecordedSpan(span, parent?.state, legacyAttributes)
  }

  #samples(traceId: string): boolean {
    return this.#sampler.shouldSample(ROOT_CONTEXT, traceId).decision !== SamplingDecision.NOT_RECORD
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

class RecordedSpan implements Span {
  readonly context: TraceContext
  readonly #span: OtelSpan
  readonly #legacy: boolean

  constructor(span: OtelSpan, state: string | undefined, legacy: boolean) {
    const { traceId, spanId } = span.spanContext()
    this.context = { traceId, spanId, sampled: true, state }
    this.#span = span
    this.#legacy = legacy
  }

  set(attributes: Attributes): void {
    for (const name in attributes) {
      const value = attributes[name]
      if (value === undefined) continue
      this.#span.setAttribute(name, value)
      const older = this.#legacy ? OLDER_NAMES[name] : undefined
      if (older !== undefined) this.#span.setAttribute(older, value)
    }
  }

  rename(name: string): void {
    this.#span.updateName(name)
  }

  end(failure?: { readonly type: string; readonly message?: string | undefined }): void {
    if (failure !== undefined) {
      const { type, message } = failure
      this.#span.setAttribute('error.type', type)
      this.#span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) })
    }
    this.#span.end()
  }
}

function under(parent: TraceContext | undefined): Context {
  return parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, toOtel(parent))
}

function toOtel({ traceId, spanId, sampled, state }: TraceContext): SpanContext {
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE
  const context = { traceId, spanId, traceFlags, isRemote: true }
  return state === undefined ? context : { ...context, traceState: createTraceState(state) }
}
