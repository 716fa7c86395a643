import { distance } from 'fastest-levenshtein'

/** Long names are judged by their beginning, which bounds the work. */
const MAX_LENGTH = 128

/** What was probably meant: the nearest of the candidates, when it is near at all. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const meant = fold(word)
  let best: { candidate: string; far: number } | undefined
  for (const candidate of candidates) {
    const far = farness(meant, fold(candidate))
    if (best === undefined || far < best.far) best = { candidate, far }
  }
  return best !== undefined && best.far <= Math.max(1, Math.floor(meant.length / 3))
    ? best.candidate
    : undefined
}

export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(word, candidates)
  return found === undefined ? undefined : `did you mean ${found}?`
}

/** Spelling variants (`best_effort`, `bestEffort`) are no distance; a whole word too few or too many is little. */
function farness(a: string, b: string): number {
  if (a.length >= 4 && b.length >= 4 && (a.startsWith(b) || b.startsWith(a))) return 1
  return distance(a, b)
}

function fold(word: string): string {
  return word
    .slice(0, MAX_LENGTH)
    .toLowerCase()
    .replace(/[_\-. ]/g, '')
}
