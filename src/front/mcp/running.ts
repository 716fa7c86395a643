import { Generations } from './generations.ts'
import type { Visit } from './visit.ts'

type Request = Pick<Visit, 'cancel' | 'outlet'>

/** How long a request may go unanswered before its reply begins: one to two times this. */
export interface Patience {
  /** Where the client can come back for a reply that has begun, and loses one that has not. */
  readonly resumableMs: number
  /** Where only the connection is kept alive by it. */
  readonly otherMs: number
}

const PATIENCE: Patience = { resumableMs: 100, otherMs: 5_000 }

/** The requests in flight of one front. Their replies begin when they take long. */
export class Running {
  readonly #early: Generations<Request>
  readonly #late: Generations<Request>
  readonly #begun = new Set<Request>()
  #idle: (() => void) | undefined

  constructor({ resumableMs, otherMs } = PATIENCE) {
    this.#early = new Generations(resumableMs, (request) => {
      if (request.outlet.resumable) this.#begin(request)
      else this.#late.add(request)
    })
    this.#late = new Generations(otherMs, (request) => this.#begin(request))
  }

  get size(): number {
    return this.#early.size + this.#late.size + this.#begun.size
  }

  add(request: Request): void {
    this.#early.add(request)
  }

  delete(request: Request): void {
    if (!this.#early.delete(request) && !this.#late.delete(request)) this.#begun.delete(request)
    if (this.#idle !== undefined && this.size === 0) this.#idle()
  }

  /** Resolves when none is in flight. */
  whenIdle(): Promise<void> {
    if (this.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle = resolve
    })
  }

  abortAll(reason: Error): void {
    const all = [...this.#early.all(), ...this.#late.all(), ...this.#begun]
    for (const { cancel } of all) cancel.abort(reason)
  }

  #begin(request: Request): void {
    this.#begun.add(request)
    request.outlet.begin()
  }
}
