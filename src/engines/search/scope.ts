import { docOf, type Postings } from './postings.ts'

/** A term of the index that is taken for a term of the query. */
export interface Variant {
  readonly id: number
  /** 1 for the term itself. */
  readonly share: number
  readonly rarity: number
}

/** Terms of queries for which something is remembered. */
const MOST_REMEMBERED = 5_000

/** The entries of one catalogue among all that are indexed. What is counted is counted over them alone. */
export class Scope {
  /** By place in the catalogue. */
  readonly docs: Int32Array
  /** By the number of the entry: its place, or -1. */
  readonly #places: Int32Array
  readonly #servers: Uint16Array
  readonly #variants = new Map<string, readonly Variant[]>()
  readonly #kept = new Map<object, object>()
  /** By term; NaN where it was not asked for yet. Terms that came after this catalogue are not in it. */
  readonly #rarities: Float64Array
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
    this.#rarities = new Float64Array(postings.vocabulary.size).fill(Number.NaN)
    // Counting costs more than all the rest of a query, and this is done before the first.
    for (let term = 0; term < this.#rarities.length; term++) this.rarityOf(term)
  }

  /** -1 where it is not in the catalogue. */
  placeOf(doc: number): number {
    return this.#places[doc] ?? -1
  }

  serverOf(place: number): number {
    return this.#servers[place] as number
  }

  /** What was found to stand for a term in this catalogue before. */
  remembered(term: string): readonly Variant[] | undefined {
    return this.#variants.get(term)
  }

  remember(term: string, variants: readonly Variant[]): void {
    if (this.#variants.size >= MOST_REMEMBERED) this.#variants.clear()
    this.#variants.set(term, variants)
  }

  /** One thing of its kind, made when it is first needed, for all queries of this catalogue. */
  kept<T extends object>(kind: new (scope: Scope) => T): T {
    const known = this.#kept.get(kind)
    if (known !== undefined) return known as T
    const made = new kind(this)
    this.#kept.set(kind, made)
    return made
  }

  /** How much a term tells: the fewer entries have it, the more (the inverse document frequency of BM25). */
  rarityOf(term: number): number {
    const known = this.#rarities[term] ?? 0
    if (!Number.isNaN(known)) return known
    let count = 0
    for (const posting of this.#postings.of(term)) if (this.placeOf(docOf(posting)) >= 0) count++
    const rarity = count === 0 ? 0 : Math.log(1 + (this.docs.length - count + 0.5) / (count + 0.5))
    this.#rarities[term] = rarity
    return rarity
  }
}
