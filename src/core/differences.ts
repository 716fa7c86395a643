import { isDeepStrictEqual } from 'node:util'
import { type Catalog, type CatalogItem, nameOf } from './catalog.ts'
import type { ListChange } from './gateway.ts'

const NONE: readonly ListChange[] = []

/** Tells in which lists two catalogues differ, as clients see them. Each pair is compared once, for whoever asks. */
export class Differences {
  readonly #known = new WeakMap<Catalog, WeakMap<Catalog, readonly ListChange[]>>()

  /** `undefined` is a catalogue that cannot be had. */
  between(before: Catalog | undefined, now: Catalog | undefined): readonly ListChange[] {
    if (before === now) return NONE
    if (before === undefined || now === undefined) return differences(before, now)
    const known = this.#known.get(before) ?? new WeakMap<Catalog, readonly ListChange[]>()
    this.#known.set(before, known)
    const found = known.get(now) ?? differences(before, now)
    known.set(now, found)
    return found
  }
}

function differences(before: Catalog | undefined, now: Catalog | undefined): readonly ListChange[] {
  const differ = (list: 'tools' | 'prompts' | 'resources' | 'templates') =>
    !isSame(before?.[list] ?? [], now?.[list] ?? [])
  const changes: ListChange[] = []
  if (differ('tools')) changes.push({ kind: 'tools' })
  if (differ('prompts')) changes.push({ kind: 'prompts' })
  if (differ('resources') || differ('templates')) changes.push({ kind: 'resources' })
  return changes
}

/** Which backend an entry is of is not to be seen in the list. */
function isSame(some: readonly CatalogItem[], others: readonly CatalogItem[]): boolean {
  if (some === others) return true
  if (some.length !== others.length) return false
  return some.every((item, at) => {
    const other = others[at] as CatalogItem
    return nameOf(item) === nameOf(other) && isDeepStrictEqual(item.definition, other.definition)
  })
}
