import type { Freshness } from '../../../core/ports.ts'
import type { RawObject } from '../../../core/raw.ts'
import { read } from '../rpc.ts'

/** No list is taken to stay the same for longer, whatever its server says. */
const LONGEST_MS = 24 * 60 * 60_000

/** How long a page that has just come is fresh, and for whom (MCP 2026-07-28, server/utilities/caching). */
export function freshnessOf(page: RawObject): Freshness {
  const scope = read(page, 'cacheScope') === 'public' ? 'public' : 'private'
  const ttl = ttlOf(page)
  return { until: ttl === 0 ? 0 : performance.now() + ttl, scope }
}

/** Nonsense counts as nothing. */
function ttlOf(page: RawObject): number {
  const ttl = read(page, 'ttlMs')
  return typeof ttl === 'number' && Number.isSafeInteger(ttl) ? Math.min(Math.max(0, ttl), LONGEST_MS) : 0
}
