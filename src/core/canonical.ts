import type { JsonObject } from './catalog.ts'
import { isObject } from './json.ts'

/** JSON text that is the same for equal values, in whatever order objects have their members. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, sorted) ?? 'null'
}

function sorted(_: string, value: unknown): unknown {
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1)))
}
