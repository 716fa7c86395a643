import type { Lexicon } from './lexicon/lexicon.ts'
import type { Scope, Variant } from './scope.ts'
import type { Vocabulary } from './vocabulary.ts'

interface Sources {
  readonly vocabulary: Vocabulary
  readonly lexicon: Lexicon
  readonly scope: Scope
}

const BEGINNING = 0.5
const MISTAKEN = 0.45

/** Whether all terms of the vocabulary have to be looked at for it, because the catalogue has not the term itself. */
export function needsGuess(term: string, { vocabulary, scope }: Sources): boolean {
  const own = vocabulary.find(term)
  return own === undefined || scope.rarityOf(own) === 0
}

/**
 * The term, what means the same, and, where the catalogue has neither, what may have been meant.
 * @param mayGuess otherwise only what means the same
 */
export function variantsOf(term: string, sources: Sources, mayGuess: boolean): Variant[] {
  const { vocabulary, lexicon, scope } = sources
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
  if (!mayGuess) return variants
  if (ownRarity === 0) for (const id of vocabulary.completions(term, isThere)) add(id, BEGINNING)
  if (variants.length > 0) return variants
  for (const { id, mistakes } of vocabulary.near(term, isThere)) add(id, MISTAKEN / mistakes)
  return variants
}
