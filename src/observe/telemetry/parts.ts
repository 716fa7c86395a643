import { PartRef } from '../../core/call.ts'
import type { BeginPart, Tracer } from '../../core/trace.ts'
import { traceOf } from './trace-of.ts'

/** Begins spans for parts of what is done for requests, below those of the requests. */
export function partsWith(tracer: Tracer): BeginPart {
  return (name, within) => {
    const span = tracer.begin({ name, kind: 'internal', parent: traceOf(within) })
    const ref = within && new PartRef(within)
    if (ref !== undefined) ref.trace = span.context
    return { ref, set: (attributes) => span.set(attributes), end: (failure) => span.end(failure) }
  }
}
