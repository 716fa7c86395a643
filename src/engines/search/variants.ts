import type { Lexicon } from './lexicon/lexicon.ts'
import type { Scope } from './scope.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A term of the index that is taken for a term of the query. */
export interface Variant {
  readonly id: number
  /** 1 for the term itself. */
  readonly share: number
  readonly rarity: number
}

const BEGINNING = 0.5
const MISTAKEN = 0.45

/** The term, what means the same, and, where the catalogue has neither, what may have been meant. */
export function variantsOf(term: string, vocabulary: Vocabulary, lexicon: Lexicon, scope: Scope): Variant[] {
  const own = vocabulary.find(term)
  const ownRarity = own === undefined ? 0 : scope.rarityOf(own)
  const variants: Variant[] = []
  const add = (id: number | undefined, share: number) => {
    const rarity = id === undefined ? 0 : scope.rarityOf(id)
    // A word that stands for another is worth no more than that one itself.
    if (id !== undefined && rarity > 0)
      variants.push({ id, share, rarity: ownRarity > 0 ? Math.min(ownRarity, rarity) : rarity })
  }
  const isThere = (id: number) => scope.rarityOf(id) > 0
  add(own, 1)
  for (const [synonym, share] of lexicon.synonymsOf(term)) add(vocabulary.find(synonym), share)
  if (ownRarity === 0) for (const id of vocabulary.completions(term, isThere)) add(id, BEGINNING)
  if (variants.length > 0) return variants
  for (const { id, mistakes } of vocabulary.near(term, isThere)) add(id, MISTAKEN / mistakes)
  return variants
}
