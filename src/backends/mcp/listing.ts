import type { JsonObject } from '../../core/catalog.ts'
import type { Freshness, Freshnesses, Offer } from '../../core/ports.ts'

/** What a server has answered when it was asked for everything. */
export interface Listing {
  /** All pages of everything. What cannot be listed for now is absent. */
  readonly offer: Partial<Offer>
  /** Of every list that was asked for, whether it came or not. */
  readonly freshness: Freshnesses
}

/** Of what may change at any time, and may be meant for us alone. */
export const STALE: Freshness = { until: 0, scope: 'private' }

/** Whether the server announces changes of all that it lists. */
export function announcesAll(capabilities: JsonObject): boolean {
  return ['tools', 'prompts', 'resources'].every((kind) => {
    const capability = capabilities[kind] as JsonObject | undefined
    return capability === undefined || capability['listChanged'] === true
  })
}

/** Of a list in pages: as fresh as the page that expires first, and for everybody where all pages are. */
export function leastFresh(a: Freshness, b: Freshness): Freshness {
  const scope = a.scope === 'public' && b.scope === 'public' ? 'public' : 'private'
  return { until: Math.min(a.until, b.until), scope }
}
