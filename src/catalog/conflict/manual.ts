import type { ConflictStrategy } from '../../core/config.ts'
import { type Bids, byWanted, type Claim, type ConflictPlugin, list, uncontested } from './claim.ts'
import { bareBid, prefixedBid } from './prefixed.ts'

/** Names stay as they are, and of those that several tools claim nobody gets any until a person has decided. */
export const manual: ConflictPlugin<Extract<ConflictStrategy, { type: 'manual' }>> = {
  type: 'manual',
  create: ({ format }) => ({
    tools: undecided,
    hidden: bareBid,
    prompts: (claims) => uncontested(claims.map(prefixedBid(format))),
  }),
}

function undecided<C extends Claim>(claims: readonly C[]): Bids<C> {
  const groups = [...byWanted(claims)]
  const contested = groups.filter(([, group]) => group.length > 1)
  return {
    bids: groups.filter(([, group]) => group.length === 1).flatMap(([, group]) => group.map(bareBid)),
    refused: contested.flatMap(([name, group]) => {
      const reason = `${list(group.map(({ backend }) => backend))} claim the name '${name}', and nobody has decided`
      return group.map((claim) => ({ claim, reason }))
    }),
    conflicts: contested.map(([name, group]) => ({
      kind: 'tool',
      name,
      backends: [...new Set(group.map(({ backend }) => backend))],
      origins: group.map(({ backend, ownName }) => ({ backend, name: ownName })),
    })),
  }
}
