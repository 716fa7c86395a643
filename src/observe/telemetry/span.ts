import {
  createTraceState,
  type HrTime,
  type Link,
  type Attributes as OtelAttributes,
  type SpanContext,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api'
import { addHrTimes, type InstrumentationScope, millisToHrTime } from '@opentelemetry/core'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Attributes, AttributeValue, Span, SpanStart, TraceContext } from '../../core/trace.ts'
import { OLDER_NAMES } from './older-names.ts'

/** What the spans of one tracer have in common. */
export interface Recording {
  readonly resource: Resource
  /** Of every span. */
  readonly attributes: Attributes
  readonly legacyAttributes: boolean
  readonly ended: (span: ReadableSpan) => void
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const
const SCOPE: InstrumentationScope = { name: 'vmcp' }
const UNSET: SpanStatus = { code: SpanStatusCode.UNSET }
const NOTHING: never[] = []

/**
 * A span that is kept, and read by the exporters of OpenTelemetry. It is filled by us alone, so that it can do without
 * most of what the SDK's own does for each attribute and each time.
 */
export class RecordedSpan implements Span, ReadableSpan {
  readonly context: TraceContext & SpanContext
  readonly parentSpanContext?: SpanContext
  readonly kind: SpanKind
  readonly attributes: OtelAttributes
  readonly events = NOTHING
  readonly links: Link[]
  readonly instrumentationScope = SCOPE
  readonly droppedAttributesCount = 0
  readonly droppedEventsCount = 0
  readonly droppedLinksCount = 0
  readonly #recording: Recording
  readonly #startedAt = Date.now()
  readonly #began = performance.now()
  #ms = -1
  name: string
  status = UNSET

  constructor(
    { name, kind, parent, link }: SpanStart,
    ids: Pick<TraceContext, 'traceId' | 'spanId'>,
    recording: Recording,
  ) {
    const { traceId, spanId } = ids
    const state = parent?.state
    this.context = { traceId, spanId, sampled: true, state, ...flagsOf(true, state) }
    this.name = name
    this.kind = KINDS[kind]
    this.attributes = { ...recording.attributes }
    this.links = link === undefined ? NOTHING : [{ context: toOtel(link) }]
    this.#recording = recording
    if (parent !== undefined) this.parentSpanContext = toOtel(parent)
  }

  get resource(): Resource {
    return this.#recording.resource
  }

  get ended(): boolean {
    return this.#ms >= 0
  }

  get startTime(): HrTime {
    return millisToHrTime(this.#startedAt)
  }

  get duration(): HrTime {
    return millisToHrTime(Math.max(this.#ms, 0))
  }

  get endTime(): HrTime {
    return addHrTimes(this.startTime, this.duration)
  }

  spanContext(): SpanContext {
    return this.context
  }

  set(attributes: Attributes): void {
    for (const name in attributes) {
      const value = attributes[name]
      if (value !== undefined) this.#put(name, value)
    }
  }

  rename(name: string): void {
    this.name = name
  }

  end(failure?: { readonly type: string; readonly message?: string | undefined }): void {
    if (this.ended) return
    if (failure !== undefined) {
      const { type, message } = failure
      this.#put('error.type', type)
      this.status = { code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) }
    }
    this.#ms = performance.now() - this.#began
    this.#recording.ended(this)
  }

  #put(name: string, value: AttributeValue): void {
    this.attributes[name] = value
    if (!this.#recording.legacyAttributes) return
    const older = OLDER_NAMES[name]
    if (older !== undefined) this.attributes[older] = value
  }
}

function toOtel({ traceId, spanId, sampled, state }: TraceContext): SpanContext {
  return { traceId, spanId, isRemote: true, ...flagsOf(sampled, state) }
}

function flagsOf(
  sampled: boolean,
  state: string | undefined,
): Pick<SpanContext, 'traceFlags' | 'traceState'> {
  const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE
  return state === undefined ? { traceFlags } : { traceFlags, traceState: createTraceState(state) }
}
