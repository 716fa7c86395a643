import type { Finding } from '../diagnostics.ts'
import { formatPath } from '../path.ts'
import type { Place } from '../place.ts'
import { textAt, wrong } from '../place.ts'

export interface RuleContext {
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Judges what the schema cannot: keys against each other, and against the environment. */
export type Rule = (root: Place, context: RuleContext) => Iterable<Finding>

/** Every text that was there before. */
export function* repeated(
  places: readonly Place[],
  message: (text: string, first: string) => string,
): Iterable<Finding> {
  const first = new Map<string, Place>()
  for (const place of places) {
    const text = textAt(place)
    if (text === undefined) continue
    const known = first.get(text)
    if (known === undefined) first.set(text, place)
    else yield wrong(place, message(text, formatPath(known.path)))
  }
}
