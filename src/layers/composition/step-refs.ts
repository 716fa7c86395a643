import { PartRef, type RequestRef } from '../../core/call.ts'

/** What the steps of one run go by, each within the run. */
export class StepRefs {
  readonly #run: RequestRef | undefined
  readonly #known = new Map<string, RequestRef>()

  constructor(run: RequestRef | undefined) {
    this.#run = run
  }

  /** @param step the id of one of the steps of the tool, of which there are few */
  of(step: string): RequestRef | undefined {
    if (this.#run === undefined) return undefined
    const known = this.#known.get(step) ?? new PartRef(this.#run)
    this.#known.set(step, known)
    return known
  }
}
