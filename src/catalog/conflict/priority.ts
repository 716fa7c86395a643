import type { ConflictStrategy } from '../../core/config.ts'
import {
  type Bid,
  type Bids,
  byWanted,
  type Claim,
  type ConflictPlugin,
  list,
  type Refused,
  uncontested,
} from './claim.ts'
import { bareBid, prefixedBid } from './prefixed.ts'

/**
 * Names stay as they are. Of the tools that claim one, that of the backend that is listed first gets it, and the
 * others are gone: an order is how an operator lets one implementation stand for another. Where none is listed,
 * each is prefixed. Prompts of listed backends stay bare, all others are prefixed, and none is lost.
 */
export const priority: ConflictPlugin<Extract<ConflictStrategy, { type: 'priority' }>> = {
  type: 'priority',
  create({ order }) {
    const rank = ranks(order)
    return {
      tools: (claims) => contest(claims, rank),
      hidden: bareBid,
      prompts(claims) {
        const ranked = claims.toSorted((a, b) => rank(a) - rank(b))
        const isListed = (claim: Claim) => rank(claim) < UNLISTED
        return uncontested([
          ...ranked.filter(isListed).map(bareBid),
          ...ranked.filter((claim) => !isListed(claim)).map(prefixedBid()),
        ])
      },
    }
  },
}

const UNLISTED = Number.MAX_SAFE_INTEGER

type Rank = (claim: Claim) => number

/** The place in the order; backends that are not in it come last. */
function ranks(order: readonly string[]): Rank {
  // From the end, so that the first of two mentions counts.
  const places = new Map(order.map((name, place) => [name, place] as const).toReversed())
  return ({ backend }) => places.get(backend) ?? UNLISTED
}

function contest<C extends Claim>(claims: readonly C[], rank: Rank): Bids<C> {
  const bare: Bid<C>[] = []
  const renamed: Bid<C>[] = []
  const refused: Refused<C>[] = []
  for (const group of byWanted(claims).values()) {
    const [winner, ...losers] = group.toSorted((a, b) => rank(a) - rank(b))
    if (winner === undefined) continue
    if (losers.length > 0 && rank(winner) === UNLISTED) renamed.push(...withoutOrder(group))
    else {
      bare.push(bareBid(winner))
      refused.push(...losers.map((claim) => ({ claim, reason: lost(claim, winner) })))
    }
  }
  return { bids: [...bare, ...renamed], refused, conflicts: [] }
}

function withoutOrder<C extends Claim>(group: readonly C[]): Bid<C>[] {
  const claimants = list(group.map(({ backend }) => backend))
  return group.map((claim) => ({
    ...prefixedBid()(claim),
    note: `'${claim.wanted}' is claimed by ${claimants}, and the priority order lists none of them`,
  }))
}

function lost(claim: Claim, winner: Claim): string {
  if (claim.backend === winner.backend)
    return `its backend offers '${winner.ownName}' under the name '${claim.wanted}' too`
  return `'${winner.backend}' comes before it in the priority order and has the name '${claim.wanted}'`
}
