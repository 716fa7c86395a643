import type { Lexicon } from './lexicon/lexicon.ts'
import { docOf, frequencyOf, isInName, type Postings } from './postings.ts'
import type { QueryTerm } from './query.ts'
import type { Scope, Variant } from './scope.ts'
import { needsGuess, variantsOf } from './variants.ts'

/** What one term of a query is worth in the entries that have it. */
export interface Values {
  readonly places: readonly number[]
  /** By the order of `places`. */
  readonly values: Float64Array
  /** Places of entries that have it, or what stands for it, in their name; once for each word of the name. */
  readonly named: readonly number[]
  /** By the order of `named`: how much that word of the name tells. */
  readonly rarities: readonly number[]
}

/** How soon more of one term adds no more (k1 of BM25). */
const SATURATION = 0.7
/** Postings that one query reads, in some 0.2 ms; beyond it the terms that tell the least are left out. */
const MOST_READ = 8_000
/** Of one clause: adding up what was read costs less than reading it. */
const MOST_ADDED = 4_500
/** Terms of one query that no entry has, for which others are sought that may be meant. */
const MOST_GUESSED = 8

/** Of a term at hand, by place: 0 between two terms. */
class Best {
  readonly values: Float64Array
  constructor({ docs }: Scope) {
    this.values = new Float64Array(docs.length)
  }
}

/** Works out what terms are worth in one catalogue, each once for all parts of a query. */
export class Worth {
  readonly #postings: Postings
  readonly #lexicon: Lexicon
  readonly #scope: Scope
  readonly #known = new Map<string, Values>()
  readonly #variants = new Map<string, readonly Variant[]>()
  readonly #best: Float64Array
  #read = 0
  #guessed = 0

  constructor(postings: Postings, lexicon: Lexicon, scope: Scope) {
    this.#postings = postings
    this.#lexicon = lexicon
    this.#scope = scope
    this.#best = scope.kept(Best).values
  }

  /** Those that tell the most, so many as the query can afford to look up; all of nearly every question. */
  affordable(terms: readonly QueryTerm[]): readonly QueryTerm[] {
    const sizes = terms.map((it) => ({ it, size: this.#sizeOf(it.term), tells: this.#tells(it) }))
    let all = 0
    for (const { size } of sizes) all += size
    if (all <= Math.min(MOST_ADDED, MOST_READ - this.#read)) {
      for (const { it, size } of sizes) if (!this.#known.has(it.term)) this.#read += size
      return terms
    }
    return this.#mostTelling(sizes)
  }

  #mostTelling(sizes: { it: QueryTerm; size: number; tells: number }[]): QueryTerm[] {
    let added = 0
    return sizes
      .sort((a, b) => b.tells - a.tells)
      .filter(({ it, size }) => {
        const cost = this.#known.has(it.term) ? 0 : size
        if (added + size > MOST_ADDED || this.#read + cost > MOST_READ) return false
        added += size
        this.#read += cost
        return true
      })
      .map(({ it }) => it)
  }

  of(term: string): Values {
    const known = this.#known.get(term)
    if (known !== undefined) return known
    const values = this.#workOut(term)
    this.#known.set(term, values)
    return values
  }

  #tells({ term, weight }: QueryTerm): number {
    let most = 0
    for (const { share, rarity } of this.#variantsOf(term)) most = Math.max(most, share * rarity)
    return weight * most
  }

  #sizeOf(term: string): number {
    let size = 0
    for (const { id } of this.#variantsOf(term)) size += this.#postings.of(id).length
    return size
  }

  #variantsOf(term: string): readonly Variant[] {
    const known = this.#variants.get(term)
    if (known !== undefined) return known
    const variants = this.#scope.remembered(term) ?? this.#seek(term)
    this.#variants.set(term, variants)
    return variants
  }

  #seek(term: string): readonly Variant[] {
    const { vocabulary } = this.#postings
    const sources = { vocabulary, lexicon: this.#lexicon, scope: this.#scope }
    const mayGuess = !needsGuess(term, sources) || this.#guessed++ < MOST_GUESSED
    const variants = variantsOf(term, sources, mayGuess)
    if (mayGuess) this.#scope.remember(term, variants)
    return variants
  }

  /** Of the variants of a term in an entry, the best counts. */
  #workOut(term: string): Values {
    const found = { places: [] as number[], named: [] as number[], rarities: [] as number[] }
    for (const variant of this.#variantsOf(term)) this.#addVariant(variant, found)
    const { places } = found
    const values = new Float64Array(places.length)
    for (let at = 0; at < places.length; at++) {
      const place = places[at] as number
      values[at] = this.#best[place] as number
      this.#best[place] = 0
    }
    return { ...found, values }
  }

  #addVariant(
    { id, share, rarity }: Variant,
    { places, named, rarities }: { places: number[]; named: number[]; rarities: number[] },
  ): void {
    const most = share * rarity * (1 + SATURATION)
    const ownRarity = this.#scope.rarityOf(id)
    for (const posting of this.#postings.of(id)) {
      const place = this.#scope.placeOf(docOf(posting))
      if (place < 0) continue
      const frequency = frequencyOf(posting)
      const value = (most * frequency) / (frequency + SATURATION)
      const before = this.#best[place] as number
      if (before === 0) places.push(place)
      if (value > before) this.#best[place] = value
      // A name is told by a synonym as well as by its own word.
      if (!isInName(posting)) continue
      named.push(place)
      rarities.push(ownRarity)
    }
  }
}
