import type { JsonObject } from '../../core/catalog.ts'
import { isObject } from '../../core/json.ts'
import { parseBoolean, parseInteger, parseNumber } from './scalar.ts'

const MAX_DEPTH = 100

/**
 * Makes strings that templates rendered into the integers, numbers and booleans that a JSON Schema asks for,
 * at any depth. A string that does not fit, or that the schema allows as it is, stays. Numbers and booleans, which
 * a lone reference keeps as such, become text where nothing but text will do.
 */
export function coerce(value: unknown, schema: unknown): unknown {
  return walk(value, schema, { root: schema, depth: MAX_DEPTH })
}

interface Place {
  readonly root: unknown
  readonly depth: number
}

function walk(value: unknown, schema: unknown, place: Place): unknown {
  if (place.depth === 0 || !isObject(schema)) return value
  const inner = { root: place.root, depth: place.depth - 1 }
  if (typeof schema['$ref'] === 'string') return walk(value, lookUp(schema['$ref'], place.root), inner)
  if (typeof value === 'string') return coerceText(value, schema, inner)
  if (typeof value === 'number' || typeof value === 'boolean') return textOf(value, typesOf(schema, inner))
  const parts = [schema, ...branches(schema, inner)]
  if (Array.isArray(value)) return value.map((item, index) => walk(item, itemSchema(parts, index), inner))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, walk(member, memberSchema(parts, key), inner)]),
  )
}

function coerceText(text: string, schema: JsonObject, place: Place): unknown {
  if (schema['type'] === 'string') return text
  const kinds = typesOf(schema, place)
  if (kinds.has('string')) return text
  const found = [
    kinds.has('integer') ? parseInteger(text) : undefined,
    kinds.has('number') ? parseNumber(text) : undefined,
    kinds.has('boolean') ? parseBoolean(text) : undefined,
  ]
  return found.find((candidate) => candidate !== undefined) ?? text
}

function textOf(value: number | boolean, kinds: ReadonlySet<unknown>): unknown {
  const stays =
    typeof value === 'boolean' ? kinds.has('boolean') : kinds.has('number') || kinds.has('integer')
  return kinds.has('string') && !stays ? String(value) : value
}

/** The types that a schema names, with those of its alternatives. Schemas may refer to themselves. */
function typesOf(schema: JsonObject, place: Place): Set<unknown> {
  const seen = new Set([schema])
  for (const each of seen) for (const branch of branches(each, place)) seen.add(branch)
  return new Set([...seen].flatMap((each) => each['type']))
}

function branches(schema: JsonObject, place: Place): JsonObject[] {
  return ['anyOf', 'oneOf', 'allOf']
    .flatMap((key) => (Array.isArray(schema[key]) ? (schema[key] as unknown[]) : []))
    .map((branch) =>
      isObject(branch) && typeof branch['$ref'] === 'string' ? lookUp(branch['$ref'], place.root) : branch,
    )
    .filter(isObject)
}

/** The first part that says something about this member. */
function memberSchema(parts: readonly JsonObject[], key: string): unknown {
  for (const part of parts) {
    const properties = part['properties']
    if (isObject(properties) && Object.hasOwn(properties, key)) return properties[key]
  }
  return parts.map((part) => part['additionalProperties']).find(isObject)
}

function itemSchema(parts: readonly JsonObject[], index: number): unknown {
  for (const part of parts) {
    const tuple = part['prefixItems']
    if (Array.isArray(tuple) && index < tuple.length) return tuple[index]
    if (isObject(part['items'])) return part['items']
  }
  return undefined
}

/** A JSON Pointer into the schema itself (RFC 6901 §6); other references are not followed. */
function lookUp(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return undefined
  let at: unknown = root
  for (const token of reference.slice(1).split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined
    at = at[key]
  }
  return at
}
