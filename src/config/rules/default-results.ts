import type { Finding } from '../diagnostics.ts'
import { formatPath } from '../path.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, textAt, wrongBlock } from '../place.ts'

interface Reference {
  readonly step: string
  readonly field: string
  readonly by: Place
}

const REFERENCE = /\.steps\.([A-Za-z0-9_-]+)\.output\.([A-Za-z0-9_]+)/g

/** What a step that may be skipped is read for must have a default. */
export function* defaultResults(tool: Place, steps: readonly Place[]): Iterable<Finding> {
  const skippable = new Map(steps.filter(maySkip).map((step) => [textAt(child(step, 'id')), step]))
  const reported = new Set<string>()
  for (const { step: id, field, by } of references(tool, steps)) {
    const step = skippable.get(id)
    if (step === undefined || step.path.join() === by.path.slice(0, step.path.length).join()) continue
    const place = child(step, 'defaultResults')
    const known = `${id}.${field}`
    if (exists(child(place, field)) || reported.has(known)) continue
    reported.add(known)
    yield missing(place, { step: id, field, by })
  }
}

function maySkip(step: Place): boolean {
  return exists(child(step, 'condition')) || child(step, 'onError', 'action').value === 'continue'
}

function missing(place: Place, { step, field, by }: Reference): Finding {
  const why = `step "${step}" may be skipped and field "${field}" is referenced by ${formatPath(by.path)}`
  return wrongBlock(place, `the key ${field} is required: ${why}`)
}

function* references(tool: Place, steps: readonly Place[]): Iterable<Reference> {
  for (const step of steps) {
    yield* referencesIn(child(step, 'condition'))
    yield* referencesIn(child(step, 'message'))
    for (const [, argument] of entries(child(step, 'arguments'))) yield* referencesIn(argument)
  }
  yield* outputReferences(child(tool, 'output'))
}

function* outputReferences(block: Place): Iterable<Reference> {
  yield* referencesIn(child(block, 'value'))
  for (const [, property] of entries(child(block, 'properties'))) yield* outputReferences(property)
}

function* referencesIn(by: Place): Iterable<Reference> {
  for (const [, step, field] of (textAt(by) ?? '').matchAll(REFERENCE)) {
    if (step !== undefined && field !== undefined) yield { step, field, by }
  }
}
