import type { RequestRef } from './call.ts'
import type { TraceContext } from './trace-context.ts'

export { type TraceContext, traceparentOf, UNTRACED } from './trace-context.ts'

export type AttributeValue = string | number | boolean

/** Names as OpenTelemetry has them; `undefined` is left out. */
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>

export interface SpanStart {
  readonly name: string
  readonly kind: 'server' | 'client' | 'internal'
  /** Where there is none, a trace begins. */
  readonly parent: TraceContext | undefined
  /** A context that came another way than the parent, such as in a header. */
  readonly link?: TraceContext | undefined
}

/** A piece of work in a trace. */
export interface Span {
  /** Where it is not sampled, nothing that is told of the span is kept. */
  readonly context: TraceContext
  set(attributes: Attributes): void
  /** @param failure what class of error it ended with, and the words of it */
  end(failure?: { readonly type: string; readonly message?: string | undefined }): void
}

/** Makes spans; `observe/telemetry` exports them. */
export interface Tracer {
  /** What a peer says of its trace; `undefined` where that is malformed. */
  read(traceparent: string, tracestate: string | undefined): TraceContext | undefined
  begin(start: SpanStart): Span
}

/** A span for a part of what is done for a request. */
export interface PartSpan extends Pick<Span, 'set' | 'end'> {
  /** Of the part: what is done for it has it. */
  readonly ref: RequestRef | undefined
}

export type BeginPart = (name: string, ref: RequestRef | undefined) => PartSpan
