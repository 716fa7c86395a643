import { Neighbours } from './neighbours.ts'
import type { Postings } from './postings.ts'
import type { Clause } from './query.ts'
import type { Scope } from './scope.ts'
import { Tally } from './tally.ts'
import type { Worth } from './values.ts'

/** An entry that has something of what is sought. */
export interface Candidate {
  readonly place: number
  /** The same for entries of the same name. */
  readonly name: number
  readonly score: number
}

/** Of the rarity of two neighbours that are neighbours in the entry too. */
const NEIGHBOUR_SHARE = 0.1
/** Entries that are looked at more closely. */
const MOST_CANDIDATES = 40
/** What a tool loses that does another thing than is asked for. */
const OTHER_ACTION = 0.35

export interface Sources {
  readonly postings: Postings
  readonly scope: Scope
  readonly worth: Worth
}

/** The entries that fit best, in no order that counts: `choose` makes one. */
export function match(clause: Clause, sources: Sources): Candidate[] {
  const { postings, scope, worth } = sources
  const tally = scope.kept(Tally)
  tally.clear()
  for (const { term, weight } of worth.affordable(clause.terms)) tally.add(worth.of(term), weight)
  const neighbours = new Neighbours(clause.words, sources)
  return tally.best(MOST_CANDIDATES).map(({ place, score: sum }) => {
    const doc = scope.docs[place] as number
    const fit = (1 + nameCover(doc, tally.namedOf(place), sources)) * agreement(doc, clause, sources)
    const score = sum * fit + NEIGHBOUR_SHARE * neighbours.in(doc)
    return { place, name: postings.nameKeyOf(doc), score }
  })
}

/** How much of the name is in the query, from 0 to 1, rare words first. */
function nameCover(doc: number, named: number, { postings, scope }: Sources): number {
  let all = 0
  for (const term of postings.nameOf(doc)) all += scope.rarityOf(term)
  return all === 0 ? 0 : Math.min(1, named / all)
}

function agreement(doc: number, { actions }: Clause, { postings }: Sources): number {
  const own = postings.actionsOf(doc)
  return own !== 0 && actions !== 0 && (own & actions) === 0 ? 1 - OTHER_ACTION : 1
}
