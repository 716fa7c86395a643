import type { Era } from '../core/caller.ts'
import type { JsonObject } from '../core/catalog.ts'
import { isObject } from '../core/json.ts'
import { type Backend, lastReady } from '../core/ports.ts'

/**
 * What the backends of an era can do beyond what every server can, as far as it is known by now: extensions, and
 * the tasks of 2025-11-25. Of several that declare one with different settings the first by name counts.
 */
export function capabilitiesOf(backends: readonly Backend[], era: Era): JsonObject {
  const declared = backends
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ state }) => lastReady(state)?.server ?? [])
    .filter((server) => server.era === era)
    .map(({ capabilities }) => capabilities)
  const tasks = era === 'legacy' && declared.some((it) => it['tasks'] !== undefined)
  return {
    ...merged('extensions', declared),
    ...merged('experimental', declared),
    ...(tasks && { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } }),
  }
}

function merged(key: string, declared: readonly JsonObject[]): JsonObject {
  const all = Object.assign(
    {},
    ...declared
      .map((it) => it[key])
      .filter(isObject)
      .toReversed(),
  )
  return Object.keys(all).length === 0 ? {} : { [key]: all }
}
