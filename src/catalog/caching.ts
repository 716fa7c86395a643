import { type CacheHint, type CacheScope, type Catalog, UNCACHEABLE } from '../core/catalog.ts'
import { type Backend, type Freshness, lastReady } from '../core/ports.ts'

/**
 * How the lists may be cached that are made of what these backends offer now. Not for any time while one of them is
 * not there, since its coming back may change them.
 * @param most the widest scope, whatever the backends say
 */
export function cachingOf(backends: readonly Backend[], most: CacheScope = 'public'): Catalog['caching'] {
  return (list) => {
    const parts = backends.flatMap(({ state }) => lastReady(state)?.freshness[list] ?? [])
    const hint = combine(parts, performance.now())
    const isWhole = backends.every(({ state }) => state.status === 'ready')
    return { ttlMs: isWhole ? hint.ttlMs : 0, scope: most === 'private' ? most : hint.scope }
  }
}

/** As fresh as what expires first, and for everybody where all of it is. */
export function combine(parts: readonly Freshness[], now: number): CacheHint {
  if (parts.length === 0) return UNCACHEABLE
  const until = Math.min(...parts.map((part) => part.until))
  const scope = parts.every((part) => part.scope === 'public') ? 'public' : 'private'
  return { ttlMs: Math.max(0, Math.floor(until - now)), scope }
}
