import type { JsonObject } from '../../core/catalog.ts'

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A schema is an object, or `true` for anything and `false` for nothing. */
export function isSchema(value: unknown): value is JsonObject | boolean {
  return isObject(value) || typeof value === 'boolean'
}

/** A JSON Pointer into the schema itself (RFC 6901 §6); `undefined` for what is not there or elsewhere. */
export function lookUp(reference: unknown, root: JsonObject): unknown {
  if (typeof reference !== 'string' || !reference.startsWith('#')) return undefined
  let at: unknown = root
  for (const token of reference.slice(1).split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
    at = (at as JsonObject)[key]
  }
  return at
}
