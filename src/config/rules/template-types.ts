import type { JsonObject } from '../../core/catalog.ts'
import { parseTemplate, type Types, typesOf } from '../../engines/template/index.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, items, odd, textAt, wrong } from '../place.ts'
import { dataOf, referencesIn } from './scope.ts'

/** What templates may give is what is wanted in their places. */
export function* templateTypes(tool: Place): Iterable<Finding> {
  const data = dataOf(tool)
  for (const step of items(child(tool, 'steps'))) {
    yield* condition(child(step, 'condition'), data)
    yield* collection(child(step, 'collection'), data)
    const repeated = child(step, 'step')
    if (exists(child(repeated, 'condition')))
      yield* condition(child(repeated, 'condition'), dataOf(tool, step))
  }
  for (const [, property] of entries(child(tool, 'output', 'properties'))) yield* output(property, data)
}

const TRUTH = /^\s*(true|True|TRUE)\s*$/
const FALSEHOOD = /^\s*(false|False|FALSE)\s*$/

function* condition(place: Place, data: JsonObject): Iterable<Finding> {
  const text = textAt(place)
  if (text === undefined) return
  const constant = constantOf(text)
  if (constant !== undefined) {
    if (FALSEHOOD.test(constant)) yield odd(place, 'is always false: the step never runs')
    else if (!TRUTH.test(constant))
      yield wrong(place, `is always ${JSON.stringify(constant.slice(0, 40))}: a condition is true or false`)
    return
  }
  const types = typesIn(text, data)
  if (!overlap(types, ['boolean', 'string']))
    yield wrong(
      place,
      `is ${named(types)}: a condition is true or false`,
      'compare it with something, such as eq',
    )
}

function* collection(place: Place, data: JsonObject): Iterable<Finding> {
  const text = textAt(place)
  if (text === undefined) return
  if (!text.includes('{{')) {
    const list = parsed(text)
    if (!Array.isArray(list)) yield wrong(place, 'expected a template of a list, or the JSON text of one')
    else if (list.length === 0) yield odd(place, 'is always empty: the step never runs')
    return
  }
  const types = typesIn(text, data)
  if (!overlap(types, ['array', 'string'])) yield wrong(place, `is ${named(types)}: a collection is a list`)
}

/** A default takes the place of what does not fit. */
function* output(property: Place, data: JsonObject): Iterable<Finding> {
  for (const [, member] of entries(child(property, 'properties'))) yield* output(member, data)
  const value = child(property, 'value')
  const text = textAt(value)
  const type = textAt(child(property, 'type'))
  if (text === undefined || type === undefined || exists(child(property, 'default'))) return
  if (!text.includes('{{')) {
    if (!READS[type]?.(text)) yield wrong(value, `can never be of type ${type}`)
    return
  }
  const types = typesIn(text, data)
  if (
    type !== 'string' &&
    !overlap(types, [
      ...(type === 'integer' || type === 'number' ? ['integer', 'number'] : [type]),
      'string',
      'null',
    ])
  )
    yield wrong(value, `is ${named(types)}, and can never be of type ${type}`)
}

const READS: Readonly<Record<string, (text: string) => boolean>> = {
  string: () => true,
  integer: (text) => Number.isInteger(parsed(text)),
  number: (text) => typeof parsed(text) === 'number',
  boolean: (text) => TRUTH.test(text) || FALSEHOOD.test(text) || /^[01tTfF]$/.test(text),
  object: (text) => parsed(text)?.constructor === Object,
  array: (text) => Array.isArray(parsed(text)),
}

/** What a text without references always renders. */
function constantOf(text: string): string | undefined {
  if (!text.includes('{{')) return text
  if (referencesIn(text).length > 0 || /[.$]/.test(text)) return undefined
  try {
    return String(parseTemplate(text).test({}))
  } catch {
    return undefined
  }
}

function overlap(types: Types, wanted: readonly string[]): boolean {
  return types === undefined || [...types].some((type) => wanted.includes(type))
}

function typesIn(text: string, data: JsonObject): Types {
  try {
    return typesOf(text, data)
  } catch {
    return undefined
  }
}

function named(types: Types): string {
  return [...(types ?? [])].map((type) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)).join(' or ')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
