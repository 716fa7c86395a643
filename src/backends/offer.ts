import { isDeepStrictEqual } from 'node:util'
import type { Freshnesses, Offer } from '../core/ports.ts'

const NOTHING: Offer = { tools: [], prompts: [], resources: [], templates: [] }

/** With what could be listed now in the place of what was. The very same where it has not changed. */
export function mergedOffer(last: Offer | undefined, fresh: Partial<Offer>): Offer {
  const offer = { ...NOTHING, ...last, ...fresh }
  return last !== undefined && isDeepStrictEqual(offer, last) ? last : offer
}

export function isFresh(freshness: Freshnesses): boolean {
  return Object.values(freshness).some(({ until }) => until > performance.now())
}

export function expired(freshness: Freshnesses): Freshnesses {
  const entries = Object.entries(freshness).map(([kind, { scope }]) => [kind, { until: 0, scope }])
  return Object.fromEntries(entries)
}
