import type { Finding } from '../diagnostics.ts'
import type { Path } from '../path.ts'
import { child, entries, items, type Place, textAt } from '../place.ts'
import { didYouMean } from '../similar.ts'
import type { LintContext } from './lint.ts'

/** Names of backends that no backend has. */
export function* names({ config, source }: LintContext): Iterable<Finding> {
  const known = config.backends.map(({ name }) => name)
  const root: Place = { path: [], value: source.value([]) }
  const check = function* (name: string | undefined, path: Path, part: 'key' | 'value'): Iterable<Finding> {
    if (name === undefined || known.includes(name)) return
    const message = `there is no backend ${JSON.stringify(name)}`
    yield { severity: 'warning', path, part, message, hint: didYouMean(name, known) }
  }
  const aggregation = child(root, 'aggregation')
  for (const entry of items(child(aggregation, 'tools'))) {
    const place = child(entry, 'workload')
    yield* check(textAt(place), place.path, 'value')
  }
  for (const place of items(child(aggregation, 'conflictResolutionConfig', 'priorityOrder'))) {
    yield* check(textAt(place), place.path, 'value')
  }
  for (const block of [
    child(root, 'outgoingAuth', 'backends'),
    child(root, 'operational', 'timeouts', 'perWorkload'),
  ]) {
    for (const [name, { path }] of entries(block)) yield* check(name, path, 'key')
  }
}
