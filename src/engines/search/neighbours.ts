import type { Postings } from './postings.ts'
import type { Scope } from './scope.ts'

/** The pairs of neighbours of a clause, to be sought in entries. */
export class Neighbours {
  /** What a pair is worth, by its second word, by its first. */
  readonly #pairs = new Map<number, Map<number, number>>()
  readonly #postings: Postings

  constructor(words: readonly string[], { postings, scope }: { postings: Postings; scope: Scope }) {
    this.#postings = postings
    const ids = words.map((word) => postings.vocabulary.find(word))
    for (let at = 0; at + 1 < ids.length; at++) {
      const [first, second] = [ids[at], ids[at + 1]]
      if (first === undefined || second === undefined || first === second) continue
      const worth = Math.min(scope.rarityOf(first), scope.rarityOf(second))
      if (worth > 0) this.#add(first, second, worth)
    }
  }

  #add(first: number, second: number, worth: number): void {
    const seconds = this.#pairs.get(first) ?? new Map<number, number>()
    this.#pairs.set(first, seconds.set(second, (seconds.get(second) ?? 0) + worth))
  }

  /** The rarity of the neighbours that are neighbours in the entry too, or have one word between them. */
  in(doc: number): number {
    if (this.#pairs.size === 0) return 0
    const sequence = this.#postings.sequenceOf(doc)
    const found = new Set<string>()
    let sum = 0
    for (let at = 0; at + 1 < sequence.length; at++) {
      const first = sequence[at] as number
      const seconds = this.#pairs.get(first)
      if (seconds === undefined) continue
      for (const second of [sequence[at + 1] as number, sequence[at + 2]]) {
        const worth = second === undefined ? undefined : seconds.get(second)
        if (worth === undefined || found.has(`${first} ${second}`)) continue
        found.add(`${first} ${second}`)
        sum += worth
      }
    }
    return sum
  }
}
