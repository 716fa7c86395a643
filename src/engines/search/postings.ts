import { analyse, type Entry } from './entry.ts'
import type { Lexicon } from './lexicon/lexicon.ts'
import type { Stems } from './stems.ts'
import { Vocabulary } from './vocabulary.ts'

/** A posting is one small integer: which entry, how often, and whether in its name. */
const FREQUENCY_BITS = 11
const FREQUENCY_STEPS = 64
const MOST_FREQUENT = 2 ** FREQUENCY_BITS - 1
/** Words of the description in which the action is sought where the name says none. */
const FIRST_WORDS = 2

/** Which entries have which terms. Entries are numbered from 0, added, and never changed. */
export class Postings {
  readonly vocabulary = new Vocabulary()
  readonly #stems: Stems
  readonly #lexicon: Lexicon
  readonly #lists: number[][] = []
  readonly #names: Uint32Array[] = []
  readonly #sequences: Uint32Array[] = []
  readonly #actions: number[] = []
  readonly #nameKeys: number[] = []
  readonly #keyOfName = new Map<string, number>()

  constructor(stems: Stems, lexicon: Lexicon) {
    this.#stems = stems
    this.#lexicon = lexicon
  }

  get size(): number {
    return this.#names.length
  }

  /** @returns the number of the entry */
  add(entry: Entry): number {
    const { frequencies, nameTerms, sequence } = analyse(entry, this.#stems)
    const doc = this.size
    const inName = new Set(nameTerms)
    for (const [term, frequency] of frequencies) {
      const id = this.vocabulary.add(term)
      const steps = Math.min(MOST_FREQUENT, Math.max(1, Math.round(frequency * FREQUENCY_STEPS)))
      const list = this.#lists[id] ?? []
      list.push(((doc << FREQUENCY_BITS) + steps) * 2 + (inName.has(term) ? 1 : 0))
      this.#lists[id] = list
    }
    this.#names.push(Uint32Array.from(nameTerms, (term) => this.vocabulary.add(term)))
    this.#sequences.push(Uint32Array.from(sequence, (term) => this.vocabulary.add(term)))
    this.#actions.push(this.#actionOf(sequence.slice(0, nameTerms.length + FIRST_WORDS)))
    const name = nameTerms.join(' ')
    const key = this.#keyOfName.get(name) ?? doc
    this.#keyOfName.set(name, key)
    this.#nameKeys.push(key)
    return doc
  }

  /** The same number for entries of the same name. */
  nameKeyOf(doc: number): number {
    return this.#nameKeys[doc] as number
  }

  /** In the order of the entries. */
  of(term: number): readonly number[] {
    return this.#lists[term] ?? []
  }

  nameOf(doc: number): Uint32Array {
    return this.#names[doc] as Uint32Array
  }

  sequenceOf(doc: number): Uint32Array {
    return this.#sequences[doc] as Uint32Array
  }

  /** The classes of what the entry does; 0 where it does not say. */
  actionsOf(doc: number): number {
    return this.#actions[doc] as number
  }

  #actionOf(terms: readonly string[]): number {
    for (const term of terms) {
      const actions = this.#lexicon.actionsOf(term)
      if (actions !== 0) return actions
    }
    return 0
  }
}

export function docOf(posting: number): number {
  return posting >>> (FREQUENCY_BITS + 1)
}

export function frequencyOf(posting: number): number {
  return ((posting >>> 1) & MOST_FREQUENT) / FREQUENCY_STEPS
}

export function isInName(posting: number): boolean {
  return (posting & 1) === 1
}
