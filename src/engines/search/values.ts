import type { Lexicon } from './lexicon/lexicon.ts'
import { docOf, frequencyOf, isInName, type Postings } from './postings.ts'
import type { Scope } from './scope.ts'
import { type Variant, variantsOf } from './variants.ts'

/** What one term of a query is worth in the entries that have it. */
export interface Values {
  readonly places: readonly number[]
  /** By the order of `places`. */
  readonly values: readonly number[]
  /** Places of entries that have it, or what stands for it, in their name; once for each word of the name. */
  readonly named: readonly number[]
  /** By the order of `named`: how much that word of the name tells. */
  readonly rarities: readonly number[]
}

/** How soon more of one term adds no more (k1 of BM25). */
const SATURATION = 0.7

/** Works out what terms are worth in one catalogue, each once for all parts of a query. */
export class Worth {
  readonly #postings: Postings
  readonly #lexicon: Lexicon
  readonly #scope: Scope
  readonly #known = new Map<string, Values>()
  /** Of the term at hand, by place. */
  readonly #best: Float64Array

  constructor(postings: Postings, lexicon: Lexicon, scope: Scope) {
    this.#postings = postings
    this.#lexicon = lexicon
    this.#scope = scope
    this.#best = new Float64Array(scope.docs.length)
  }

  of(term: string): Values {
    const known = this.#known.get(term)
    if (known !== undefined) return known
    const values = this.#workOut(term)
    this.#known.set(term, values)
    return values
  }

  /** Of the variants of a term in an entry, the best counts. */
  #workOut(term: string): Values {
    const { vocabulary } = this.#postings
    const scope = this.#scope
    const found = { places: [] as number[], named: [] as number[], rarities: [] as number[] }
    const make = () => variantsOf(term, vocabulary, this.#lexicon, scope)
    for (const variant of scope.remembered(term, make)) this.#addVariant(variant, found)
    const values = found.places.map((place) => this.#best[place] as number)
    for (const place of found.places) this.#best[place] = 0
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
