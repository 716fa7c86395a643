import type { Postings } from './postings.ts'
import type { Clause } from './query.ts'
import type { Scope } from './scope.ts'
import type { Values, Worth } from './values.ts'

/** An entry that has something of what is sought. */
export interface Candidate {
  readonly place: number
  /** The same for entries of the same name. */
  readonly name: number
  readonly score: number
}

/** Of the sum of what an entry's server has of the query. */
const SERVER_SHARE = 0.1
/** Of the rarity of two neighbours that are neighbours in the entry too. */
const NEIGHBOUR_SHARE = 0.1
/** Entries that are looked at more closely. */
const MOST_CANDIDATES = 60
/** What a tool loses that does another thing than is asked for. */
const OTHER_ACTION = 0.35

export interface Sources {
  readonly postings: Postings
  readonly scope: Scope
  readonly worth: Worth
}

/** The entries that fit best, in no order that counts: `choose` makes one. */
export function match(clause: Clause, sources: Sources): Candidate[] {
  const { scope } = sources
  const tally = new Tally(scope)
  for (const { term, weight } of clause.terms) tally.add(sources.worth.of(term), weight)
  const chosen = tally.best(MOST_CANDIDATES)
  const ids = clause.words.map((word) => sources.postings.vocabulary.find(word))
  return chosen.map(({ place, score: sum }) => {
    const doc = scope.docs[place] as number
    const neighbours = NEIGHBOUR_SHARE * neighboursIn(doc, ids, sources)
    const fit = (1 + tally.nameCover(place, sources)) * agreement(doc, clause, sources)
    return { place, name: sources.postings.nameKeyOf(doc), score: sum * fit + neighbours }
  })
}

/** What the terms of a query add to each entry, by place. */
class Tally {
  readonly #scope: Scope
  readonly #sums: Float64Array
  readonly #names: Float64Array
  readonly #servers: Float64Array
  /** Places of entries that have anything of the query. */
  readonly #touched: number[] = []

  constructor(scope: Scope) {
    this.#scope = scope
    this.#sums = new Float64Array(scope.docs.length)
    this.#names = new Float64Array(scope.docs.length)
    this.#servers = new Float64Array(scope.servers)
  }

  add({ places, values, named, rarities }: Values, weight: number): void {
    const ofServers = new Map<number, number>()
    for (let at = 0; at < places.length; at++) {
      const place = places[at] as number
      const value = weight * (values[at] as number)
      if (this.#sums[place] === 0) this.#touched.push(place)
      this.#sums[place] = (this.#sums[place] as number) + value
      const server = this.#scope.serverOf(place)
      if (value > (ofServers.get(server) ?? 0)) ofServers.set(server, value)
    }
    for (const [server, value] of ofServers) this.#servers[server] = (this.#servers[server] as number) + value
    for (let at = 0; at < named.length; at++) {
      const place = named[at] as number
      this.#names[place] = (this.#names[place] as number) + (rarities[at] as number)
    }
  }

  /** The best by their words and their servers, in their order. */
  best(limit: number): readonly Scored[] {
    const top: Scored[] = []
    for (const place of this.#touched) {
      const score = (this.#sums[place] as number) + SERVER_SHARE * this.#ofServer(place)
      const last = top[limit - 1]
      if (last !== undefined && isBefore(last, { place, score })) continue
      let at = top.length
      while (at > 0 && isBefore({ place, score }, top[at - 1] as Scored)) at--
      top.splice(at, 0, { place, score })
      if (top.length > limit) top.pop()
    }
    return top
  }

  #ofServer(place: number): number {
    return this.#servers[this.#scope.serverOf(place)] as number
  }

  /** How much of the name is in the query, from 0 to 1, rare words first. */
  nameCover(place: number, { postings, scope }: Sources): number {
    let all = 0
    for (const term of postings.nameOf(scope.docs[place] as number)) all += scope.rarityOf(term)
    return all === 0 ? 0 : Math.min(1, (this.#names[place] as number) / all)
  }
}

interface Scored {
  readonly place: number
  readonly score: number
}

function isBefore(a: Scored, b: Scored): boolean {
  return a.score > b.score || (a.score === b.score && a.place < b.place)
}

function agreement(doc: number, { actions }: Clause, { postings }: Sources): number {
  const own = postings.actionsOf(doc)
  return own !== 0 && actions !== 0 && (own & actions) === 0 ? 1 - OTHER_ACTION : 1
}

/** The rarity of the neighbours of the query that are neighbours in the entry, or have one word between them. */
function neighboursIn(
  doc: number,
  ids: readonly (number | undefined)[],
  { postings, scope }: Sources,
): number {
  const sequence = postings.sequenceOf(doc)
  let sum = 0
  for (let at = 0; at + 1 < ids.length; at++) {
    const [first, second] = [ids[at], ids[at + 1]]
    if (first === undefined || second === undefined || first === second) continue
    if (areNeighbours(sequence, first, second)) sum += Math.min(scope.rarityOf(first), scope.rarityOf(second))
  }
  return sum
}

function areNeighbours(sequence: Uint32Array, first: number, second: number): boolean {
  for (let at = sequence.indexOf(first); at >= 0; at = sequence.indexOf(first, at + 1)) {
    if (sequence[at + 1] === second || sequence[at + 2] === second) return true
  }
  return false
}
