import type { RequestRef } from '../../core/call.ts'
import type { TraceContext } from '../../core/trace.ts'

/** Where the requests that are under way stand in their traces. */
export class Traces {
  readonly #known = new WeakMap<RequestRef, TraceContext>()

  set(ref: RequestRef, context: TraceContext): void {
    this.#known.set(ref, context)
  }

  /** Of the request, or of what it is a part of. */
  of(ref: RequestRef | undefined): TraceContext | undefined {
    for (let at = ref; at !== undefined; at = at.within) {
      const known = this.#known.get(at)
      if (known !== undefined) return known
    }
    return undefined
  }
}
