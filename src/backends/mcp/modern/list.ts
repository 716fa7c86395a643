import type { JsonObject } from '../../../core/catalog.ts'
import type { Site } from '../connection.ts'
import type { Listing } from '../listing.ts'
import type { AskPage } from '../pages.ts'
import { listAll } from '../pages.ts'
import { freshnessOf } from './freshness.ts'
import type { ParamHeader } from './headers.ts'
import { paramHeaders } from './headers.ts'

export interface ModernListing extends Listing {
  /** By tool name; tools without annotations are absent. */
  readonly paramHeaders: ReadonlyMap<string, readonly ParamHeader[]>
}

export interface ListOptions {
  readonly site: Site
  readonly capabilities: JsonObject
  /** Whether annotations matter on this wire. */
  readonly http: boolean
}

/**
 * Everything the server offers, as it sent it, without the tools that cannot be called over HTTP since their
 * annotations are invalid (MCP 2026-07-28, basic/transports, Custom Headers).
 */
export async function list(options: ListOptions, ask: AskPage): Promise<ModernListing> {
  const { site, capabilities, http } = options
  const listing = await listAll({ site, capabilities, ask, freshnessOf })
  const { offer } = listing
  const headers = new Map<string, readonly ParamHeader[]>()
  if (!http || offer.tools === undefined) return { ...listing, paramHeaders: headers }
  const tools = offer.tools.filter((tool) => takeAnnotations(site, tool, headers))
  return { ...listing, offer: { ...offer, tools }, paramHeaders: headers }
}

function takeAnnotations(
  site: Site,
  tool: JsonObject,
  headers: Map<string, readonly ParamHeader[]>,
): boolean {
  const name = String(tool['name'])
  const found = paramHeaders(tool['inputSchema'])
  if (!found.valid)
    site.log.warn({ backend: site.name, tool: name }, `dropped a tool with invalid headers: ${found.reason}`)
  else if (found.headers.length > 0) headers.set(name, found.headers)
  return found.valid
}
