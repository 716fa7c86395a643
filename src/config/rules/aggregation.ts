import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, entries, exists, items, odd, textAt, wrong, wrongBlock } from '../place.ts'
import { parameters } from './parameters.ts'
import { repeated } from './rule.ts'

export function* aggregation(root: Place): Iterable<Finding> {
  const block = child(root, 'aggregation')
  const tools = items(child(block, 'tools'))
  yield* repeated(
    tools.map((entry) => child(entry, 'workload')),
    (workload, first) => `the workload ${JSON.stringify(workload)} already has an entry at ${first}`,
  )
  yield* strategySettings(block, tools)
  for (const entry of tools) yield* overrides(entry)
}

function* strategySettings(block: Place, tools: readonly Place[]): Iterable<Finding> {
  const settings = child(block, 'conflictResolutionConfig')
  const order = child(settings, 'priorityOrder')
  yield* repeated(items(order), (name) => `${JSON.stringify(name)} is listed twice`)
  switch (child(block, 'conflictResolution').value) {
    case 'prefix':
      if (!exists(child(settings, 'prefixFormat')))
        yield needs(settings, 'prefix needs prefixFormat', 'prefixFormat: "{workload}_"')
      yield* placeholders(child(settings, 'prefixFormat'))
      break
    case 'priority':
      if (items(order).length === 0)
        yield needs(settings, 'priority needs priorityOrder', 'list the backend names, the first wins')
      if (child(block, 'defaultToolVisibility').value === 'deny') yield* listedHaveEntries(order, tools)
      break
    case 'manual':
      if (tools.length === 0)
        yield needs(child(block, 'tools'), 'manual needs at least one entry under tools')
  }
}

function* placeholders(format: Place): Iterable<Finding> {
  const odds = [...(textAt(format) ?? '').matchAll(/\{[^{}]*\}/g)].filter(([it]) => it !== '{workload}')
  for (const [it] of odds)
    yield odd(format, `${it} is taken as it stands`, 'write {workload} for the name of the backend')
}

function needs(place: Place, message: string, hint?: string): Finding {
  return wrongBlock(place, `conflictResolution ${message}`, hint)
}

function* listedHaveEntries(order: Place, tools: readonly Place[]): Iterable<Finding> {
  const known = new Set(tools.map((entry) => child(entry, 'workload').value))
  for (const place of items(order)) {
    if (textAt(place) === undefined || known.has(place.value)) continue
    const hint = 'without one, defaultToolVisibility: deny hides all its tools'
    yield wrong(place, `${JSON.stringify(place.value)} needs an entry under aggregation.tools`, hint)
  }
}

function* overrides(entry: Place): Iterable<Finding> {
  const all = entries(child(entry, 'overrides'))
  for (const [tool, override] of all) {
    const given = entries(override).some(([, member]) => exists(member))
    if (!given)
      yield wrongBlock(
        override,
        `the override of ${tool} changes nothing`,
        'give name, title, description, annotations, parameters or wrap',
      )
  }
  for (const [, override] of all)
    for (const tool of [override, ...items(child(override, 'wrap'))])
      yield* parameters(child(tool, 'parameters'))
  yield* repeated(
    all.flatMap(([, override]) =>
      [override, ...items(child(override, 'wrap'))].map((tool) => child(tool, 'name')),
    ),
    (name, first) => `the new name ${JSON.stringify(name)} is already given at ${first}`,
  )
}
