import type { Item } from '../../core/catalog.ts'

/** What is worked out once for a method and an item, and kept as long as the item is in the catalogue. */
export class PerItem<T> {
  readonly #make: (method: string, item: Item | undefined) => T
  readonly #byItem = new WeakMap<Item, Map<string, T>>()
  readonly #withoutItem = new Map<string, T>()

  constructor(make: (method: string, item: Item | undefined) => T) {
    this.#make = make
  }

  /** @param method one of few: each is kept */
  of(method: string, item: Item | undefined): T {
    const byMethod = item === undefined ? this.#withoutItem : this.#methodsOf(item)
    const known = byMethod.get(method)
    if (known !== undefined) return known
    const made = this.#make(method, item)
    byMethod.set(method, made)
    return made
  }

  #methodsOf(item: Item): Map<string, T> {
    const known = this.#byItem.get(item)
    if (known !== undefined) return known
    const made = new Map<string, T>()
    this.#byItem.set(item, made)
    return made
  }
}
