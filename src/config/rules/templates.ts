import { parseTemplate, TemplateError } from '../../engines/template/index.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, items, textAt, wrong } from '../place.ts'

/** Every template of a composite tool can be read. */
export function* templatesIn(tool: Place): Iterable<Finding> {
  for (const place of templatePlaces(tool)) {
    const fault = faultOf(textAt(place) ?? '')
    if (fault !== undefined) yield wrong(place, `not a template: ${fault}`)
  }
}

/** All texts that are expanded. */
function* templatePlaces(tool: Place): Iterable<Place> {
  for (const step of items(child(tool, 'steps'))) {
    yield* stepTemplates(step)
    yield* stepTemplates(child(step, 'step'))
  }
  yield* outputTemplates(child(tool, 'output'))
}

/** Those of a step, without the step that it repeats. */
export function* stepTemplates(step: Place): Iterable<Place> {
  for (const key of ['condition', 'message', 'collection']) yield child(step, key)
  yield* nested(child(step, 'arguments'))
}

export function* outputTemplates(block: Place): Iterable<Place> {
  yield child(block, 'value')
  for (const [, property] of entries(child(block, 'properties'))) yield* outputTemplates(property)
}

function* nested(place: Place): Iterable<Place> {
  yield place
  for (const item of items(place)) yield* nested(item)
  for (const [, member] of entries(place)) yield* nested(member)
}

function faultOf(text: string): string | undefined {
  if (!text.includes('{{')) return undefined
  try {
    parseTemplate(text)
    return undefined
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return `${error.message}${positionIn(text, error)}`
  }
}

/** For the end of a sentence. */
export function positionIn(
  text: string,
  { line, column }: { readonly line: number; readonly column: number },
): string {
  return ` (at ${text.includes('\n') ? `line ${line}, ` : ''}character ${column} of it)`
}
