import type { JsonObject } from '../../core/catalog.ts'

type Value = string | number | boolean | null | Value[] | Map<string, Value>

/** More in one list would make the time to evaluate an expression too long. */
const MAX_ITEMS = 1_000

/** @throws Error for claims that are too large to be judged */
export function toCel(claims: JsonObject): Map<string, Value> {
  return new Map(Object.entries(claims).map(([name, value]) => [name, toValue(value)]))
}

function toValue(value: unknown): Value {
  if (Array.isArray(value)) {
    if (value.length > MAX_ITEMS) throw new Error(`a claim has more than ${MAX_ITEMS} items`)
    return value.map(toValue)
  }
  if (typeof value === 'object' && value !== null) return toCel(value as JsonObject)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}
