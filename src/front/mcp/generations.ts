/**
 * Things that are watched for their age. None has a time or a timer of its own: what was there at one sweep, and
 * still is at the next, has aged, and is no longer watched.
 */
export class Generations<T> {
  readonly #sweepMs: number
  readonly #aged: (thing: T) => void
  /** Since the last sweep. */
  #young = new Set<T>()
  /** Since the one before. */
  #old = new Set<T>()
  #timer: NodeJS.Timeout | undefined

  /** @param aged called with what has been there for one to two times `sweepMs` */
  constructor(sweepMs: number, aged: (thing: T) => void) {
    this.#sweepMs = sweepMs
    this.#aged = aged
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  add(thing: T): void {
    this.#young.add(thing)
    // It rests after a sweep that finds nothing, and not sooner: starting it costs more than adding.
    this.#timer ??= setInterval(() => this.#sweep(), this.#sweepMs).unref()
  }

  /** Returns whether it was there. */
  delete(thing: T): boolean {
    return this.#young.delete(thing) || this.#old.delete(thing)
  }

  all(): readonly T[] {
    return [...this.#young, ...this.#old]
  }

  #sweep(): void {
    const aged = this.#old
    this.#old = this.#young
    this.#young = new Set()
    for (const thing of aged) this.#aged(thing)
    if (this.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
