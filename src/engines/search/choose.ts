import type { Candidate } from './match.ts'

/** What is found, by its place in the catalogue. */
export interface Hit {
  readonly place: number
  readonly score: number
}

/** How much less an entry counts that has the name of a better one, at another server. */
const SAME_NAME = 0.3

/** Puts candidates in order. Of tools that many servers have, the others do not fill the first places. */
export function choose(candidates: readonly Candidate[], limit: number): Hit[] {
  const names = new Set<number>()
  const hits = [...candidates].sort(byScore).map(({ place, name, score }) => {
    const again = names.has(name)
    names.add(name)
    return { place, score: again ? score * (1 - SAME_NAME) : score }
  })
  return hits.sort(byScore).slice(0, limit)
}

function byScore(a: Hit, b: Hit): number {
  return b.score - a.score || a.place - b.place
}
