import type { JsonObject } from '../../core/catalog.ts'
import { isObject } from '../../core/json.ts'
import { lookUp, parseTemplate } from '../../engines/template/index.ts'
import { dataSchema, type LoopFacts, type StepFacts } from '../composite-data.ts'
import type { Place } from '../place.ts'
import { child, exists, items, textAt } from '../place.ts'

/** The data that templates of a composite tool see, as far as they are known before a run. */
export function dataOf(tool: Place, loop?: Place): JsonObject {
  const steps = items(child(tool, 'steps'))
  const parameters = recordAt(child(tool, 'parameters'))
  const data = dataSchema(parameters, steps.flatMap(factsOf))
  return loop === undefined ? data : dataSchema(parameters, steps.flatMap(factsOf), loopFacts(loop, data))
}

/** A step that others may see the default results of. */
export function maySkip(step: Place): boolean {
  return exists(child(step, 'condition')) || child(step, 'onError', 'action').value === 'continue'
}

function factsOf(step: Place): StepFacts[] {
  const id = textAt(child(step, 'id'))
  const type = child(step, 'type').value ?? 'tool'
  if (id === undefined || (type !== 'tool' && type !== 'elicitation' && type !== 'forEach')) return []
  const schema = recordAt(child(step, 'schema'))
  const defaultResults = recordAt(child(step, 'defaultResults'))
  return [{ id, type, schema, skippable: maySkip(step), defaultResults }]
}

function loopFacts(step: Place, data: JsonObject): LoopFacts {
  const itemVar = textAt(child(step, 'itemVar')) ?? 'item'
  return { itemVar, item: itemOf(textAt(child(step, 'collection')) ?? '', data) }
}

/** What the items of a collection are, where it is one reference, be it as JSON text. */
export function itemOf(collection: string, data: JsonObject): JsonObject | true {
  const [reference, ...others] = referencesIn(collection)
  if (
    reference === undefined ||
    others.length > 0 ||
    !/^\s*\{\{-?\s*(json\s+)?\.[\w.]+\s*-?\}\}\s*$/.test(collection)
  )
    return true
  const { found } = lookUp(reference.path, data)
  const of: unknown = found === undefined || found === true ? undefined : found['items']
  return isObject(of) ? of : true
}

/** None where the text is no template: that is told elsewhere. */
export function referencesIn(text: string): ReturnType<ReturnType<typeof parseTemplate>['references']> {
  if (!text.includes('{{')) return []
  try {
    return parseTemplate(text).references()
  } catch {
    return []
  }
}

function recordAt({ value }: Place): JsonObject | undefined {
  return isObject(value) ? value : undefined
}
