import { docOf, type Postings } from './postings.ts'

/** Terms of queries for which something is remembered. */
const MOST_REMEMBERED = 5_000

/** The entries of one catalogue among all that are indexed. What is counted is counted over them alone. */
export class Scope {
  /** By place in the catalogue. */
  readonly docs: Int32Array
  /** By the number of the entry: its place, or -1. */
  readonly #places: Int32Array
  readonly #servers: Uint16Array
  readonly #made = new Map<string, object>()
  readonly #rarities = new Map<number, number>()
  readonly #postings: Postings
  /** How many servers the entries are of. */
  readonly servers: number

  constructor(postings: Postings, docs: readonly number[], servers: readonly string[]) {
    this.#postings = postings
    this.docs = Int32Array.from(docs)
    this.#places = new Int32Array(postings.size).fill(-1)
    docs.forEach((doc, place) => {
      this.#places[doc] = place
    })
    const numbers = new Map<string, number>()
    this.#servers = Uint16Array.from(servers, (name) => {
      const number = numbers.get(name) ?? numbers.size
      numbers.set(name, number)
      return number
    })
    this.servers = numbers.size
  }

  /** -1 where it is not in the catalogue. */
  placeOf(doc: number): number {
    return this.#places[doc] ?? -1
  }

  serverOf(place: number): number {
    return this.#servers[place] as number
  }

  /** What was made of a term for this catalogue before. */
  remembered<T extends object>(term: string, make: () => T): T {
    const known = this.#made.get(term)
    if (known !== undefined) return known as T
    if (this.#made.size >= MOST_REMEMBERED) this.#made.clear()
    const made = make()
    this.#made.set(term, made)
    return made
  }

  /** How much a term tells: the fewer entries have it, the more (the inverse document frequency of BM25). */
  rarityOf(term: number): number {
    const known = this.#rarities.get(term)
    if (known !== undefined) return known
    let count = 0
    for (const posting of this.#postings.of(term)) if (this.placeOf(docOf(posting)) >= 0) count++
    const rarity = count === 0 ? 0 : Math.log(1 + (this.docs.length - count + 0.5) / (count + 0.5))
    this.#rarities.set(term, rarity)
    return rarity
  }
}
