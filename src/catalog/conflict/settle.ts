import type { Bid, Claim, Refused } from './claim.ts'

export interface Named<C extends Claim> {
  readonly claim: C
  readonly name: string
  /** Why it is another name than one would expect. */
  readonly reason: string | undefined
}

export interface Settlement<C extends Claim> {
  readonly named: readonly Named<C>[]
  readonly refused: readonly Refused<C>[]
}

/**
 * Gives each bid the best of its names that is free. Rounds: all first names are given out before anybody's
 * second, so that nobody loses a first name to another's fallback.
 * @param taken names that are given away; those given out here are added
 */
export function settle<C extends Claim>(bids: readonly Bid<C>[], taken: Map<string, Claim>): Settlement<C> {
  const named: Named<C>[] = []
  let open = bids
  for (let round = 0; open.some(({ names }) => round < names.length); round++) {
    open = open.filter((bid) => {
      const name = bid.names[round]
      if (name === undefined || taken.has(name)) return true
      taken.set(name, bid.claim)
      named.push({ claim: bid.claim, name, reason: round === 0 ? bid.note : belongs(bid, taken) })
      return false
    })
  }
  return { named, refused: open.map((bid) => ({ claim: bid.claim, reason: belongs(bid, taken) })) }
}

function belongs({ names: [first = ''] }: Bid<Claim>, taken: ReadonlyMap<string, Claim>): string {
  const holder = taken.get(first)
  return `the name '${first}' belongs to '${holder?.ownName}' of backend '${holder?.backend}'`
}
