import type { JsonObject } from '../../core/catalog.ts'
import { ASSERTIONS, toRegExp } from './assertions.ts'
import { isObject, lookUp } from './json.ts'

export interface Problem {
  readonly path: readonly (string | number)[]
  readonly what: string
}

/** Where a schema refers to itself, and the value does not end it. */
const MAX_DEPTH = 300
const MAX_STEPS = 500_000

/** Where in the value a schema is asked, and where what is wrong goes. */
interface Place {
  readonly root: JsonObject
  readonly path: readonly (string | number)[]
  readonly depth: number
  readonly problems: Problem[]
  readonly budget: { left: number }
}

/** `schema` is one that was inspected. What is said of the value holds nothing of it but the names of members. */
export function validate(value: unknown, schema: JsonObject): readonly Problem[] {
  const problems: Problem[] = []
  judge(value, schema, { root: schema, path: [], depth: 0, problems, budget: { left: MAX_STEPS } })
  return problems
}

function judge(value: unknown, schema: unknown, place: Place): void {
  if (schema === false) say(place, 'not allowed here')
  if (!isObject(schema)) return
  if (place.depth > MAX_DEPTH || place.budget.left-- <= 0) say(place, 'takes too long to check')
  else judgeBy(value, schema, { ...place, depth: place.depth + 1 })
}

function judgeBy(value: unknown, schema: JsonObject, place: Place): void {
  if (schema['$ref'] !== undefined) judge(value, lookUp(schema['$ref'], place.root), place)
  for (const [key, wanted] of Object.entries(schema)) {
    const what = Object.hasOwn(ASSERTIONS, key) ? ASSERTIONS[key]?.judge(value, wanted) : undefined
    if (what !== undefined) say(place, what)
  }
  if (isObject(value)) judgeMembers(value, schema, place)
  if (Array.isArray(value)) judgeItems(value, schema, place)
  judgeTogether(value, schema, place)
}

function judgeMembers(value: JsonObject, schema: JsonObject, place: Place): void {
  const { properties, patternProperties, additionalProperties, propertyNames, required } = schema
  for (const name of list(required)) {
    if (!Object.hasOwn(value, String(name))) say(below(place, String(name)), 'required')
  }
  const patterns = Object.entries(isObject(patternProperties) ? patternProperties : {})
  for (const [name, member] of Object.entries(value)) {
    const here = below(place, name)
    if (propertyNames !== undefined) judge(name, propertyNames, here)
    const matching = patterns.filter(([pattern]) => toRegExp(pattern).test(name))
    for (const [, inner] of matching) judge(member, inner, here)
    if (isObject(properties) && Object.hasOwn(properties, name)) judge(member, properties[name], here)
    else if (matching.length === 0) judge(member, additionalProperties, here)
  }
}

function judgeItems(value: readonly unknown[], schema: JsonObject, place: Place): void {
  const prefix = list(schema['prefixItems'])
  for (const [index, item] of value.entries())
    judge(item, index < prefix.length ? prefix[index] : schema['items'], below(place, index))
}

function judgeTogether(value: unknown, schema: JsonObject, place: Place): void {
  const fits = (other: unknown) => problemsWith(value, other, place).length === 0
  for (const other of list(schema['allOf'])) judge(value, other, place)
  if (schema['anyOf'] !== undefined && !list(schema['anyOf']).some(fits))
    say(place, 'fits none of the alternatives')
  if (schema['oneOf'] !== undefined) {
    const count = list(schema['oneOf']).filter(fits).length
    if (count === 0) say(place, 'fits none of the alternatives')
    if (count > 1) say(place, 'fits more than one of the alternatives')
  }
  if (schema['not'] !== undefined && fits(schema['not'])) say(place, 'is what it must not be')
  if (schema['if'] !== undefined) judge(value, fits(schema['if']) ? schema['then'] : schema['else'], place)
}

function problemsWith(value: unknown, schema: unknown, place: Place): readonly Problem[] {
  const problems: Problem[] = []
  judge(value, schema, { ...place, problems })
  return problems
}

function below(place: Place, key: string | number): Place {
  return { ...place, path: [...place.path, key] }
}

function say({ problems, path }: Place, what: string): void {
  problems.push({ path, what })
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
