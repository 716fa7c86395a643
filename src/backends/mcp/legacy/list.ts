import type { JsonObject } from '../../../core/catalog.ts'
import type { Offer } from '../../../core/ports.ts'
import type { Site } from '../connection.ts'
import type { AskPage } from '../pages.ts'
import { listAll } from '../pages.ts'

/** Everything the server offers, as it sent it. */
export function list(site: Site, capabilities: JsonObject, ask: AskPage): Promise<Partial<Offer>> {
  return listAll(site, capabilities, ask)
}
