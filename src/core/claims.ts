import type { JsonObject } from './catalog.ts'
import { isObject } from './json.ts'

/** The claim of that name, or else what a path with dots leads to; `undefined` where there is none. */
export function claimAt(claims: JsonObject, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  return name.split('.').reduce<unknown>(memberOf, claims)
}

function memberOf(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}
