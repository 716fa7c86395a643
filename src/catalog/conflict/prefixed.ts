import type { Bid, Claim } from './claim.ts'

const FALLBACK = '{workload}_'

/** Puts `format` before a name; every `{workload}` in it stands for the backend. */
export function prefixed(format: string, { backend }: Claim, name: string): string {
  return format.replaceAll('{workload}', () => backend) + name
}

/**
 * The names of a claim that is to be prefixed. Where the first is taken, the name of the backend before it
 * nearly always makes it unique: formats need not hold `{workload}`, and `a_b` + `_` + `c` is `a` + `_` + `b_c`.
 */
export function prefixedNames(format: string, claim: Claim): string[] {
  const first = prefixed(format, claim, claim.wanted)
  const names = [first, prefixed(FALLBACK, claim, claim.wanted), prefixed(FALLBACK, claim, first)]
  return [...new Set(names)]
}

/** The wanted name itself, and else prefixed. */
export function bareFirst(claim: Claim): string[] {
  return [claim.wanted, ...prefixedNames(FALLBACK, claim)]
}

export const prefixedBid =
  (format = FALLBACK) =>
  <C extends Claim>(claim: C): Bid<C> => ({ claim, names: prefixedNames(format, claim) })

export const bareBid = <C extends Claim>(claim: C): Bid<C> => ({ claim, names: bareFirst(claim) })
