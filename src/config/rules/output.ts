import { isObject } from '../../core/json.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, items, textAt, wrong, wrongBlock } from '../place.ts'
import { didYouMean } from '../similar.ts'

const MAX_NESTING = 10

export function* workflowOutput(output: Place): Iterable<Finding> {
  const properties = entries(child(output, 'properties'))
  const names = properties.map(([name]) => name)
  for (const place of items(child(output, 'required'))) {
    const name = textAt(place)
    if (name === undefined || names.includes(name)) continue
    yield wrong(place, `there is no property ${JSON.stringify(name)}`, didYouMean(name, names))
  }
  for (const [, property] of properties) yield* outputProperty(property, 1)
}

function* outputProperty(property: Place, depth: number): Iterable<Finding> {
  if (!isObject(property.value)) return
  if (depth > MAX_NESTING) {
    yield wrongBlock(property, `nested deeper than ${MAX_NESTING} levels`)
    return
  }
  yield* valueOrProperties(property)
  const fallback = child(property, 'default')
  const type = textAt(child(property, 'type'))
  if (exists(fallback) && type !== undefined && !fits(fallback.value, type)) {
    yield wrong(fallback, `the default must be of type ${type}`)
  }
  for (const [, member] of entries(child(property, 'properties'))) yield* outputProperty(member, depth + 1)
}

function* valueOrProperties(property: Place): Iterable<Finding> {
  const value = exists(child(property, 'value'))
  const members = exists(child(property, 'properties'))
  const type = textAt(child(property, 'type'))
  if (value && members) yield wrongBlock(property, 'has both value and properties; keep one')
  else if (type === 'object' && !value && !members)
    yield wrongBlock(property, 'an object needs value or properties')
  else if (type !== undefined && type !== 'object') {
    if (members)
      yield wrongBlock(child(property, 'properties'), `a property of type ${type} has no properties`)
    if (!value) yield wrong(child(property, 'value'), `required: a property of type ${type} needs value`)
  }
}

function fits(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    default:
      return !['string', 'number', 'boolean'].includes(type) || typeof value === type
  }
}
