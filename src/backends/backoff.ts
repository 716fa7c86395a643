const FIRST_MS = 1_000
const LONGEST_MS = 30_000

/** The wait before an attempt: none after the first failure, then 1 s doubling to 30 s, give or take a quarter. */
export function backoff(failures: number, random: () => number = Math.random): number {
  if (failures <= 1) return 0
  const base = Math.min(FIRST_MS * 2 ** (failures - 2), LONGEST_MS)
  return Math.round(base * (0.75 + 0.5 * random()))
}
