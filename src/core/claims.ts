import type { JsonObject } from './catalog.ts'

/** The claim of that name, or else what a path with dots leads to; `undefined` where there is none. */
export function claimAt(claims: JsonObject, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  return name.split('.').reduce<unknown>(memberOf, claims)
}

function memberOf(value: unknown, key: string): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject && Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined
}
