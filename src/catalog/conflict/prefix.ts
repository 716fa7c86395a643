import type { ConflictStrategy } from '../../core/config.ts'
import { type ConflictPlugin, uncontested } from './claim.ts'
import { prefixedBid } from './prefixed.ts'

/** Every name gets the prefix, in conflict or not. */
export const prefix: ConflictPlugin<Extract<ConflictStrategy, { type: 'prefix' }>> = {
  type: 'prefix',
  create({ format }) {
    const bid = prefixedBid(format)
    return {
      tools: (claims) => uncontested(claims.map(bid)),
      hidden: bid,
      prompts: (claims) => uncontested(claims.map(bid)),
    }
  },
}
