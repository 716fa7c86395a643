import type { Attributes, Span, SpanStart, TraceContext } from '../../../core/trace.ts'
import type { EndedSpan, SharedPart, SpanFailure } from './encoder.ts'

/** A span that is kept. */
export class RecordedSpan implements Span, EndedSpan {
  readonly context: TraceContext
  readonly parent: TraceContext | undefined
  readonly link: TraceContext | undefined
  readonly kind: SpanStart['kind']
  readonly name: string
  readonly startedAt = Date.now()
  readonly #ended: (span: EndedSpan) => void
  readonly #began = performance.now()
  shared: SharedPart | undefined
  attributes: Attributes | undefined
  failure: SpanFailure | undefined
  milliseconds = -1

  constructor(
    { name, kind, parent, link }: SpanStart,
    { traceId, spanId }: Pick<TraceContext, 'traceId' | 'spanId'>,
    ended: (span: EndedSpan) => void,
  ) {
    this.context = { traceId, spanId, sampled: true, state: parent?.state, remote: false }
    this.parent = parent
    this.link = link
    this.kind = kind
    this.name = name
    this.#ended = ended
  }

  share(shared: SharedPart): void {
    this.shared = shared
  }

  set(attributes: Attributes): void {
    this.attributes = this.attributes === undefined ? attributes : { ...this.attributes, ...attributes }
  }

  end(failure?: SpanFailure): void {
    if (this.milliseconds >= 0) return
    this.failure = failure
    this.milliseconds = performance.now() - this.#began
    this.#ended(this)
  }
}
