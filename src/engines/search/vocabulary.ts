import { lettersApart, lettersOf, mistakes } from './spelling.ts'

const SHORTEST_GUESSED = 4
const SHORTEST_BEGINNING = 3
/** From this length on, two mistakes are forgiven. */
const LONG = 8
const MOST_GUESSES = 4

export interface Guess {
  readonly id: number
  readonly mistakes: number
}

/** The terms of an index by number, and those that are meant by what is not among them. */
export class Vocabulary {
  readonly #ids = new Map<string, number>()
  readonly #terms: string[] = []
  readonly #letters: number[] = []
  /** By how they begin, by their first letter, and by their second. */
  readonly #byHead = new Map<number, number[]>()
  readonly #byFirst = new Map<number, number[]>()
  readonly #bySecond = new Map<number, number[]>()

  get size(): number {
    return this.#terms.length
  }

  find(term: string): number | undefined {
    return this.#ids.get(term)
  }

  add(term: string): number {
    const known = this.#ids.get(term)
    if (known !== undefined) return known
    const id = this.#terms.length
    this.#ids.set(term, id)
    this.#terms.push(term)
    this.#letters.push(lettersOf(term))
    put(this.#byHead, headOf(term), id)
    put(this.#byFirst, term.charCodeAt(0), id)
    put(this.#bySecond, term.charCodeAt(1), id)
    return id
  }

  /** Terms that differ by a mistake in typing or two, the nearest first. */
  near(term: string, counts: (id: number) => boolean): readonly Guess[] {
    if (term.length < SHORTEST_GUESSED || /\d/.test(term)) return []
    const most = term.length >= LONG ? 2 : 1
    const letters = lettersOf(term)
    const found: Guess[] = []
    const look = (id: number) => {
      if (lettersApart(this.#letters[id] as number, letters) > 2 * most) return
      const other = this.#terms[id] as string
      if (Math.abs(other.length - term.length) > most || other.length < SHORTEST_GUESSED - 1) return
      const count = mistakes(term, other, most)
      if (count <= most && counts(id)) found.push({ id, mistakes: count })
    }
    // Hardly anybody mistakes both of the first letters.
    for (const id of this.#byFirst.get(term.charCodeAt(0)) ?? []) look(id)
    for (const id of this.#bySecond.get(term.charCodeAt(1)) ?? [])
      if ((this.#terms[id] as string).charCodeAt(0) !== term.charCodeAt(0)) look(id)
    return found.sort((a, b) => a.mistakes - b.mistakes || this.#compare(a.id, b.id)).slice(0, MOST_GUESSES)
  }

  /** Terms that it is the beginning of, the shortest first. */
  completions(term: string, counts: (id: number) => boolean): readonly number[] {
    if (term.length < SHORTEST_BEGINNING) return []
    const alike = this.#byHead.get(headOf(term)) ?? []
    const found = alike.filter((id) => (this.#terms[id] as string).startsWith(term) && counts(id))
    return found.sort((a, b) => this.#compare(a, b)).slice(0, MOST_GUESSES)
  }

  /** By length and then by letter, so that the order in which terms were added does not matter. */
  #compare(a: number, b: number): number {
    const [one, other] = [this.#terms[a] as string, this.#terms[b] as string]
    return one.length - other.length || (one < other ? -1 : 1)
  }
}

function put(to: Map<number, number[]>, key: number, id: number): void {
  const ids = to.get(key)
  if (ids === undefined) to.set(key, [id])
  else ids.push(id)
}

/** Of the first three characters. */
function headOf(term: string): number {
  return (
    (term.charCodeAt(0) & 0x3ff) | ((term.charCodeAt(1) & 0x3ff) << 10) | ((term.charCodeAt(2) & 0x3ff) << 20)
  )
}
