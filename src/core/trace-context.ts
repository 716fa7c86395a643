/** Where a piece of work stands in a trace (W3C Trace Context). Immutable. */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case. */
  readonly traceId: string
  /** 16 of them: of the work that is under way. */
  readonly spanId: string
  /** Whether the trace is recorded. */
  readonly sampled: boolean
  /** The value of `tracestate`, as it came. */
  readonly state: string | undefined
  /** Whether a peer told it, and it is of no span of ours. */
  readonly remote: boolean
}

/** Of a trace that would begin here and is not recorded: it has no ids, and nobody is told of it. */
export const UNTRACED: TraceContext = {
  traceId: '',
  spanId: '',
  sampled: false,
  state: undefined,
  remote: false,
}

/** The value of `traceparent`, in `_meta` and as an HTTP header (W3C Trace Context §3.2). */
export function traceparentOf({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`
}
