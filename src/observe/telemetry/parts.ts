import { PartRef } from '../../core/call.ts'
import type { BeginPart, Tracer } from '../../core/trace.ts'
import type { Traces } from './traces.ts'

/** Begins spans for parts of what is done for requests, below those of the requests. */
export function partsWith(tracer: Tracer, traces: Traces): BeginPart {
  return (name, within) => {
    const span = tracer.begin({ name, kind: 'internal', parent: traces.of(within) })
    const ref = within && new PartRef(within)
    if (ref !== undefined) traces.set(ref, span.context)
    return { ref, set: (attributes) => span.set(attributes), end: (failure) => span.end(failure) }
  }
}
