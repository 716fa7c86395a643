import { BearerPrincipal } from '../../../core/bearer.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import type { ScopePolicy } from '../../../core/incoming-auth-config.ts'

const NAMES = ['name', 'preferred_username', 'email']

/** @param issuer as configured, so that it is the same however the token spells it */
export function principalOf(
  token: string,
  claims: JsonObject,
  { issuer, implies }: { readonly issuer: string; readonly implies: ScopePolicy['implies'] },
): BearerPrincipal {
  const subject = String(claims['sub'])
  const name = NAMES.map((claim) => claims[claim]).find((it) => typeof it === 'string' && it !== '')
  const scopes = expand(scopesIn(claims), implies)
  return new BearerPrincipal({ token, issuer, subject, claims, scopes, name: String(name ?? subject) })
}

/** `scope` of RFC 9068 §2.2.3, or `scp`, as text with spaces or as a list. */
function scopesIn(claims: JsonObject): readonly string[] {
  const said = claims['scope'] ?? claims['scp']
  if (typeof said === 'string') return said.split(' ').filter((scope) => scope !== '')
  return Array.isArray(said) ? said.filter((scope) => typeof scope === 'string') : []
}

/** The scopes with all that they stand for. */
function expand(scopes: readonly string[], implies: ScopePolicy['implies']): ReadonlySet<string> {
  const all = new Set(scopes)
  // A set is walked to its end, what is added on the way included.
  for (const scope of all)
    if (Object.hasOwn(implies, scope)) for (const more of implies[scope] ?? []) all.add(more)
  return all
}
