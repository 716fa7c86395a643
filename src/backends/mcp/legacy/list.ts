import type { JsonObject } from '../../../core/catalog.ts'
import type { Site } from '../connection.ts'
import { type Listing, STALE } from '../listing.ts'
import type { AskPage } from '../pages.ts'
import { listAll } from '../pages.ts'

/** Everything the server offers, as it sent it. How long that stays the same, this era has no words for. */
export function list(site: Site, capabilities: JsonObject, ask: AskPage): Promise<Listing> {
  return listAll({ site, capabilities, ask, freshnessOf: () => STALE })
}
