import type { Hit } from './choose.ts'

/** A ranking, and how much it counts. */
export interface Ranking {
  readonly hits: readonly Hit[]
  readonly weight: number
}

/**
 * Reciprocal rank fusion: each ranking gives its hits weight ÷ (smoothing + rank), so that scores that cannot be
 * compared need not be. What is equal keeps the order of the catalogue.
 * @param smoothing the greater, the less the first ranks count before those behind them
 */
export function fuse(rankings: readonly Ranking[], smoothing: number): Hit[] {
  const sums = new Map<number, number>()
  for (const { hits, weight } of rankings) {
    hits.forEach(({ place }, rank) => {
      sums.set(place, (sums.get(place) ?? 0) + weight / (smoothing + rank + 1))
    })
  }
  return [...sums]
    .map(([place, score]) => ({ place, score }))
    .sort((a, b) => b.score - a.score || a.place - b.place)
}

/** Sees to it that the first of each ranking is among the first `limit`, where that leaves half of them to others. */
export function keepFirsts(
  fused: readonly Hit[],
  rankings: readonly (readonly Hit[])[],
  limit: number,
): readonly Hit[] {
  const firsts = new Set(rankings.flatMap(([first]) => (first === undefined ? [] : [first.place])))
  if (firsts.size * 2 > limit) return fused
  const kept: Hit[] = []
  let free = limit - firsts.size
  for (const hit of fused) {
    const isFirst = firsts.has(hit.place)
    if (isFirst || free > 0) kept.push(hit)
    if (!isFirst) free--
  }
  const inside = new Set(kept.map(({ place }) => place))
  return [...kept, ...fused.filter(({ place }) => !inside.has(place))]
}
