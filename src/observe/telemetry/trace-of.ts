import type { RequestRef } from '../../core/call.ts'
import type { TraceContext } from '../../core/trace.ts'

/** Where a request that is under way stands in its trace, or else what it is a part of. */
export function traceOf(ref: RequestRef | undefined): TraceContext | undefined {
  for (let at = ref; at !== undefined; at = at.within) if (at.trace !== undefined) return at.trace
  return undefined
}
