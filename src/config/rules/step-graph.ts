import type { Finding } from '../diagnostics.ts'
import { formatPath } from '../path.ts'
import type { Place } from '../place.ts'
import { child, items, textAt, wrong } from '../place.ts'
import { didYouMean } from '../similar.ts'
import { repeated } from './rule.ts'

/** Unique ids, known dependencies, no cycles. */
export function* dependencies(steps: readonly Place[]): Iterable<Finding> {
  yield* repeated(
    steps.map((step) => child(step, 'id')),
    (id, first) => `the step id ${JSON.stringify(id)} is already taken by ${first}`,
  )
  const byId = new Map<string, Place>()
  for (const step of steps) {
    const id = textAt(child(step, 'id'))
    if (id !== undefined && !byId.has(id)) byId.set(id, step)
  }
  for (const step of steps) yield* unknown(step, byId)
  yield* cycles(byId)
}

function* unknown(step: Place, byId: ReadonlyMap<string, Place>): Iterable<Finding> {
  for (const place of items(child(step, 'dependsOn'))) {
    const id = textAt(place)
    if (id === undefined || byId.has(id)) continue
    yield wrong(place, `there is no step ${JSON.stringify(id)}`, didYouMean(id, byId.keys()))
  }
}

/** Each cycle once, where it closes. */
function* cycles(byId: ReadonlyMap<string, Place>): Iterable<Finding> {
  const search: Search = { byId, done: new Set(), stuck: new Map() }
  for (const id of byId.keys()) yield* visit(id, [], search)
  yield* behind(search)
}

interface Search {
  readonly byId: ReadonlyMap<string, Place>
  readonly done: Set<string>
  /** Steps of a cycle, with it. */
  readonly stuck: Map<string, readonly string[]>
}

/** Steps that wait for a cycle, and so are never reached. */
function* behind({ byId, stuck }: Search): Iterable<Finding> {
  if (stuck.size === 0) return
  const waiting = new Map(stuck)
  for (let before = -1; before !== waiting.size; ) {
    before = waiting.size
    for (const [id, step] of byId) {
      const need = items(child(step, 'dependsOn')).find((place) => waiting.has(textAt(place) ?? ''))
      if (need === undefined || waiting.has(id)) continue
      const ids = waiting.get(textAt(need) ?? '') ?? []
      waiting.set(id, ids)
      yield wrong(
        need,
        `the step ${JSON.stringify(id)} is never reached: it waits for the cycle ${ids.join(' → ')}`,
      )
    }
  }
}

function* visit(id: string, trail: readonly string[], search: Search): Iterable<Finding> {
  const step = search.byId.get(id)
  if (step === undefined || search.done.has(id)) return
  const here = [...trail, id]
  for (const place of items(child(step, 'dependsOn'))) {
    const next = textAt(place) ?? ''
    const start = here.indexOf(next)
    if (start >= 0) {
      const ids = [...here.slice(start), next]
      for (const each of ids) if (!search.stuck.has(each)) search.stuck.set(each, ids)
      yield cycle(place, ids)
    } else yield* visit(next, here, search)
  }
  search.done.add(id)
}

function cycle(place: Place, ids: readonly string[]): Finding {
  return wrong(
    place,
    `dependency cycle: ${ids.join(' → ')}`,
    `remove one of these dependencies, such as ${formatPath(place.path)}`,
  )
}
