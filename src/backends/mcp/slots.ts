const FIRST_SIZE = 64

/** Values by the ids it gives out, which only ever grow. Like a Map, without the garbage of one (see `Roster`). */
export class Slots<T> {
  #values: (T | undefined)[] = new Array(FIRST_SIZE).fill(undefined)
  #ids: number[] = new Array(FIRST_SIZE).fill(0)
  #last = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  /** An id that was never given out, and whose slot is free. */
  nextId(): number {
    if (this.#size * 2 > this.#values.length) this.#grow()
    do this.#last++
    while (this.#values[this.#slot(this.#last)] !== undefined)
    return this.#last
  }

  wasGiven(id: number): boolean {
    return id > 0 && id <= this.#last
  }

  get(id: number): T | undefined {
    const slot = this.#slot(id)
    return this.#ids[slot] === id ? this.#values[slot] : undefined
  }

  set(id: number, value: T): void {
    while (this.#values[this.#slot(id)] !== undefined) this.#grow()
    const slot = this.#slot(id)
    this.#ids[slot] = id
    this.#values[slot] = value
    this.#size++
  }

  /** @returns what was there */
  take(id: number): T | undefined {
    const value = this.get(id)
    if (value === undefined) return undefined
    this.#values[this.#slot(id)] = undefined
    this.#size--
    return value
  }

  /** The values, by growing slot. */
  all(): readonly T[] {
    return this.#values.filter((value) => value !== undefined)
  }

  /** The id of the value, where it is the only one. */
  onlyId(): number | undefined {
    return this.#size === 1 ? this.#ids[this.#values.findIndex((value) => value !== undefined)] : undefined
  }

  #slot(id: number): number {
    return id % this.#values.length
  }

  #grow(): void {
    const values = this.#values
    const ids = this.#ids
    this.#values = new Array(values.length * 2).fill(undefined)
    this.#ids = new Array(values.length * 2).fill(0)
    this.#size = 0
    // Ids that differ modulo the old length differ modulo twice of it.
    for (const [slot, value] of values.entries())
      if (value !== undefined) this.set(ids[slot] as number, value)
  }
}
