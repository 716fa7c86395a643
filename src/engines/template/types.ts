import type { JsonObject } from '../../core/catalog.ts'
import { isObject } from '../../core/json.ts'
import type { Expression } from './nodes.ts'
import { parse } from './parser.ts'
import { loneExpression } from './template.ts'

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | 'null'

/** What a value may be; `undefined` where nothing is known. */
export type Types = ReadonlySet<JsonType> | undefined

/** What a JSON Schema says of a place in the values that fit it. */
export type Found =
  /** With the schema of what is there, `true` where nothing is known. */
  | { readonly found: JsonObject | true }
  /** Nothing is ever there: what stands at `at` has no `key`, and has `names` where it has any. */
  | {
      readonly found: undefined
      readonly at: readonly string[]
      readonly key: string
      readonly names: readonly string[]
    }

/**
 * What a template may give, as `evaluate` does, for data that fit a schema.
 * @throws TemplateError where it is none
 */
export function typesOf(text: string, data: JsonObject): Types {
  if (!text.includes('{{')) return STRING
  const lone = loneExpression(parse(text))
  return lone === undefined ? STRING : typesOfExpression(lone, data)
}

/** Follows a path into a schema, through `properties`, `additionalProperties` and references within it. */
export function lookUp(path: readonly string[], schema: JsonObject): Found {
  let here: JsonObject | true = schema
  for (const [depth, key] of path.entries()) {
    const of: JsonObject | true = here === true ? true : dereferenced(here, schema)
    if (of === true || isOpen(of)) return { found: true }
    const { properties, additionalProperties: more } = of
    const known = isObject(properties) ? properties : {}
    const types = typesOfSchema(of, schema)
    if (types !== undefined && !types.has('object') && !types.has('array'))
      return { found: undefined, at: path.slice(0, depth), key, names: [] }
    const next: unknown = Object.hasOwn(known, key) ? known[key] : more
    if (next === false) return { found: undefined, at: path.slice(0, depth), key, names: Object.keys(known) }
    here = isObject(next) ? next : true
  }
  return { found: here === true ? true : dereferenced(here, schema) }
}

/** The types of what fits a schema. `root` is what its references lead into. */
export function typesOfSchema(given: JsonObject | true, root: JsonObject): Types {
  const schema = given === true ? true : dereferenced(given, root)
  if (schema === true) return undefined
  const { type, enum: values, const: value, anyOf, oneOf } = schema
  if (type !== undefined) return new Set([type].flat() as JsonType[])
  if (Array.isArray(values)) return new Set(values.map(typeOf))
  if (value !== undefined) return new Set([typeOf(value)])
  const branches = anyOf ?? oneOf
  return Array.isArray(branches)
    ? union(branches.map((it) => (isObject(it) ? typesOfSchema(it, root) : undefined)))
    : undefined
}

/**
 * Whether some value of these types may come to where others are wanted. Text may read as a number, and numbers can be
 * written as text.
 */
export function mayFit(given: Types, wanted: Types): boolean {
  if (given === undefined || wanted === undefined) return true
  return [...given].some(
    (type) => wanted.has(type) || (BECOMES[type] ?? []).some((other) => wanted.has(other)),
  )
}

/** Values are made into what is asked for where they can be. */
const BECOMES: Readonly<Partial<Record<JsonType, readonly JsonType[]>>> = {
  integer: ['number', 'string'],
  number: ['integer', 'string'],
  boolean: ['string'],
  string: ['integer', 'number', 'boolean'],
}

const STRING: Types = new Set(['string'])
const BOOLEAN: Types = new Set(['boolean'])

const RESULTS: Readonly<Record<string, Types>> = {
  ...Object.fromEntries(
    ['json', 'quote', 'html', 'js', 'urlquery', 'print', 'printf', 'println'].map((name) => [name, STRING]),
  ),
  ...Object.fromEntries(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'not'].map((name) => [name, BOOLEAN])),
  len: new Set(['integer']),
}

function typesOfExpression(expression: Expression, data: JsonObject): Types {
  switch (expression.kind) {
    case 'literal':
      return new Set([typeof expression.value === 'bigint' ? 'integer' : typeOf(expression.value)])
    case 'nil':
      return new Set(['null'])
    case 'field':
      return typesAt(expression.path, data)
    case 'variable':
      return expression.slot === 0 ? typesAt(expression.path, data) : undefined
    case 'call':
      return typesOfCall(expression.name, expression.args, data)
    case 'pipeline': {
      const last = expression.stages.at(-1)
      if (last === undefined) return typesOfExpression(expression.first, data)
      const only = expression.stages.length === 1 ? [expression.first] : []
      return typesOfCall(last.name, [...last.args, ...only], data)
    }
    default:
      return undefined
  }
}

function typesOfCall(name: string, args: readonly Expression[], data: JsonObject): Types {
  if (Object.hasOwn(RESULTS, name)) return RESULTS[name]
  const [first, second] = args
  if (name === 'default' && first !== undefined && second !== undefined)
    return union([typesOfExpression(first, data), typesOfExpression(second, data)])
  return undefined
}

/** Nothing is known of what is never there: that is told elsewhere. */
function typesAt(path: readonly string[], data: JsonObject): Types {
  const { found } = lookUp(path, data)
  return found === undefined ? undefined : typesOfSchema(found, data)
}

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value as JsonType
}

function union(all: readonly Types[]): Types {
  const known = all.filter((types) => types !== undefined)
  return known.length === all.length ? new Set(known.flatMap((types) => [...types])) : undefined
}

const MAX_REFERENCES = 20

/** JSON Pointers into the schema itself (RFC 6901 §6); `true` for what leads elsewhere. */
function dereferenced(schema: JsonObject, root: JsonObject): JsonObject | true {
  let here: unknown = schema
  for (let i = 0; i < MAX_REFERENCES; i++) {
    if (!isObject(here)) return true
    const reference: unknown = here['$ref']
    if (typeof reference !== 'string') return here
    if (!reference.startsWith('#')) return true
    here = root
    for (const token of reference.slice(1).split('/').slice(1)) {
      const key = token.replaceAll('~1', '/').replaceAll('~0', '~')
      here = isObject(here) && Object.hasOwn(here, key) ? here[key] : undefined
    }
  }
  return true
}

/** Whether parts that are not looked at may say more of its members. */
function isOpen(schema: JsonObject): boolean {
  return ['anyOf', 'oneOf', 'allOf', 'if', 'patternProperties', 'dependentSchemas'].some(
    (key) => key in schema,
  )
}
