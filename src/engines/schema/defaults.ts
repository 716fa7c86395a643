import type { JsonObject } from '../../core/catalog.ts'
import { isObject, lookUp } from './json.ts'

/** Where a schema refers to itself, and the value does not end it. */
const MAX_DEPTH = 200
const MAX_STEPS = 500_000

/** Members that are missing and have a default, at any depth. Which alternative is meant is not guessed. */
export function withDefaults(value: unknown, schema: JsonObject): unknown {
  return fill(value, schema, { root: schema, depth: MAX_DEPTH, budget: { left: MAX_STEPS } })
}

interface Place {
  readonly root: JsonObject
  readonly depth: number
  readonly budget: { left: number }
}

function fill(value: unknown, schema: unknown, place: Place): unknown {
  if (!isObject(schema) || place.depth === 0 || place.budget.left-- <= 0) return value
  const inner = { ...place, depth: place.depth - 1 }
  const others = [
    lookUp(schema['$ref'], place.root),
    ...(Array.isArray(schema['allOf']) ? schema['allOf'] : []),
  ]
  const filled = others.reduce<unknown>((sofar, other) => fill(sofar, other, inner), value)
  if (Array.isArray(filled)) return filled.map((item) => fill(item, schema['items'], inner))
  return isObject(filled) ? fillMembers(filled, schema['properties'], inner) : filled
}

function fillMembers(value: JsonObject, properties: unknown, place: Place): JsonObject {
  if (!isObject(properties)) return value
  const members = new Map(Object.entries(value))
  for (const [name, schema] of Object.entries(properties)) {
    const start = members.has(name) ? members.get(name) : defaultOf(schema)
    if (start !== undefined) members.set(name, fill(start, schema, place))
  }
  return Object.fromEntries(members)
}

function defaultOf(schema: unknown): unknown {
  return isObject(schema) ? schema['default'] : undefined
}
