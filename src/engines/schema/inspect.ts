import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { ASSERTIONS, isPattern } from './assertions.ts'
import { isObject, isSchema, lookUp } from './json.ts'

/** Keywords that hold one schema, lists of schemas, and schemas by name. */
const SINGLE = ['items', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else']
const LISTED = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const NAMED = ['properties', 'patternProperties', '$defs', 'definitions']

/** Keywords that judge, and are not obeyed here. Of what is unknown, JSON Schema says to ignore it. */
const REFUSED = new Set([
  'contains',
  'minContains',
  'maxContains',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'unevaluatedItems',
  'unevaluatedProperties',
  'additionalItems',
  '$dynamicRef',
  '$recursiveRef',
])

type Path = readonly string[]

/** @throws GatewayError `config` that names the first thing which is wrong or cannot be obeyed */
export function inspect(schema: JsonObject): void {
  walk(schema, [], schema)
}

function walk(schema: unknown, path: Path, root: JsonObject): void {
  if (!isSchema(schema)) throw fault(path, 'expected a schema')
  if (typeof schema === 'boolean') return
  for (const [key, wanted] of Object.entries(schema)) {
    const here = [...path, key]
    if (REFUSED.has(key)) throw fault(here, 'this keyword is not supported')
    if (Object.hasOwn(ASSERTIONS, key) && ASSERTIONS[key]?.takes(wanted) === false)
      throw fault(here, 'not a value that JSON Schema allows here')
    if (key === 'required' && !isNames(wanted)) throw fault(here, 'expected a list of names')
    if (key === '$ref' && !isSchema(lookUp(wanted, root)))
      throw fault(here, 'refers to nothing within the schema')
    for (const [name, inner] of schemasUnder(key, wanted, here)) walk(inner, [...here, ...name], root)
  }
}

function schemasUnder(key: string, wanted: unknown, here: Path): [Path, unknown][] {
  if (SINGLE.includes(key)) return [[[], wanted]]
  if (LISTED.includes(key)) {
    if (!Array.isArray(wanted) || wanted.length === 0) throw fault(here, 'expected a list of schemas')
    return wanted.map((inner, index) => [[String(index)], inner])
  }
  if (!NAMED.includes(key)) return []
  if (!isObject(wanted)) throw fault(here, 'expected schemas by name')
  const wrong = key === 'patternProperties' && Object.keys(wanted).find((pattern) => !isPattern(pattern))
  if (typeof wrong === 'string') throw fault([...here, wrong], 'not a pattern')
  return Object.entries(wanted).map(([name, inner]) => [[name], inner])
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}

function fault(path: Path, what: string): GatewayError {
  const place = path.length === 0 ? '' : ` at ${path.join('.')}`
  return new GatewayError('config', `not a JSON Schema that can be checked${place}: ${what}`)
}
