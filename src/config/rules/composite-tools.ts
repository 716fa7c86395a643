import { isObject } from '../../core/json.ts'
import { type ReadSchema, schemaReader } from '../../engines/schema/index.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, items, textAt, wrong, wrongBlock } from '../place.ts'
import { defaultResults } from './default-results.ts'
import { workflowOutput } from './output.ts'
import { references } from './references.ts'
import { repeated } from './rule.ts'
import { schemasIn } from './schemas.ts'
import { dependencies } from './step-graph.ts'
import { checkStep } from './steps.ts'
import { templateTypes } from './template-types.ts'
import { templatesIn } from './templates.ts'

const MAX_STEPS = 100

export function* compositeTools(root: Place): Iterable<Finding> {
  const tools = items(child(root, 'compositeTools'))
  yield* repeated(
    tools.map((tool) => child(tool, 'name')),
    (name, first) => `the composite tool ${JSON.stringify(name)} is already defined by ${first}`,
  )
  const readSchema = schemaReader()
  for (const tool of tools) yield* compositeTool(tool, readSchema)
}

function* compositeTool(tool: Place, readSchema: ReadSchema): Iterable<Finding> {
  const steps = items(child(tool, 'steps'))
  yield* parameters(child(tool, 'parameters'))
  for (const step of steps) yield* checkStep(step)
  yield* templatesIn(tool)
  yield* schemasIn(tool, readSchema)
  yield* workflowOutput(child(tool, 'output'))
  if (steps.length > MAX_STEPS) yield wrongBlock(child(tool, 'steps'), `must be at most ${MAX_STEPS} steps`)
  else {
    yield* dependencies(steps)
    yield* references(tool)
    yield* templateTypes(tool)
    yield* defaultResults(tool, steps)
  }
}

function* parameters(place: Place): Iterable<Finding> {
  if (!isObject(place.value) || entries(place).length === 0) return
  const type = child(place, 'type')
  if (type.value !== 'object') {
    yield exists(type)
      ? wrong(type, 'expected object')
      : wrongBlock(place, 'expected a JSON Schema with type: object')
  }
  const properties = child(place, 'properties')
  if (exists(properties) && !isObject(properties.value)) yield wrong(properties, 'expected a mapping')
  const required = child(place, 'required')
  if (!exists(required)) return
  if (!Array.isArray(required.value)) yield wrong(required, 'expected a list')
  for (const item of items(required))
    if (textAt(item) === undefined) yield wrong(item, 'expected the name of a parameter')
}
