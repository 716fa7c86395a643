/** Keeps its place in a roster. */
export interface Seated {
  seat: number
}

/**
 * What is in progress. A Set would do, but for its garbage: V8's hash tables point to the table that follows
 * them, so that once one is old everything that was in the later ones stays until a full collection. At
 * thousands of calls per second that doubles the cost of a call.
 */
export class Roster<T extends Seated> {
  readonly #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  /** The item, where it is the only one. */
  get only(): T | undefined {
    return this.#items.length === 1 ? this.#items[0] : undefined
  }

  /** A copy, for going through while items leave. */
  get all(): readonly T[] {
    return [...this.#items]
  }

  find(isIt: (item: T) => boolean): T | undefined {
    return this.#items.find(isIt)
  }

  add(item: T): void {
    item.seat = this.#items.push(item) - 1
  }

  delete(item: T): void {
    const { seat } = item
    if (this.#items[seat] !== item) return
    const last = this.#items.pop() as T
    if (last === item) return
    this.#items[seat] = last
    last.seat = seat
  }
}
