export interface BulkheadLimits {
  /** Calls at the same time. */
  readonly concurrent: number
  /** Calls that wait for a place. */
  readonly queued: number
}

/** A call in the queue. */
export interface Waiter {
  /** Resolves when there is a place, and it is taken. */
  readonly place: Promise<void>
  /** Stops waiting. @returns false when the place was given already, and is to be left */
  quit(): boolean
}

/** Bounds what is done at the same time, and what waits for it; the first to come is the first to be served. */
export class Bulkhead {
  readonly #limits: BulkheadLimits
  readonly #queue = new Set<() => void>()
  #running = 0

  constructor(limits: BulkheadLimits) {
    this.#limits = limits
  }

  get running(): number {
    return this.#running
  }

  get queued(): number {
    return this.#queue.size
  }

  /** Takes a place. @returns false when none is free */
  enter(): boolean {
    if (this.#running >= this.#limits.concurrent) return false
    this.#running++
    return true
  }

  /** Queues for a place. @returns `undefined` when the queue is full */
  queue(): Waiter | undefined {
    if (this.#queue.size >= this.#limits.queued) return undefined
    let take: () => void = () => {}
    const place = new Promise<void>((resolve) => {
      take = resolve
    })
    this.#queue.add(take)
    return { place, quit: () => this.#queue.delete(take) }
  }

  /** Gives a place back, or on to the next in the queue. */
  leave(): void {
    const [next] = this.#queue
    if (next === undefined) this.#running--
    else {
      this.#queue.delete(next)
      next()
    }
  }
}
