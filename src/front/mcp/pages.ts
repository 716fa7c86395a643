import {
  type CacheHint,
  type Catalog,
  type CatalogItem,
  type JsonObject,
  type ListKind,
  nameOf,
} from '../../core/catalog.ts'
import { printExact } from '../../core/exact.ts'
import { decodeCursor, encodeCursor, type Position } from './cursor.ts'
import type { FramedResult } from './frame.ts'

/** The one page size of all lists. */
export const PAGE_SIZE = 1000

/** The list methods of both eras. */
export const LISTS: ReadonlyMap<string, ListKind> = new Map([
  ['tools/list', 'tools'],
  ['prompts/list', 'prompts'],
  ['resources/list', 'resources'],
  ['resources/templates/list', 'templates'],
])

const MEMBER: Readonly<Record<ListKind, string>> = {
  tools: 'tools',
  prompts: 'prompts',
  resources: 'resources',
  templates: 'resourceTemplates',
}

/** In `_meta` of a list: the names of the backends of which nothing is in it, or what they offered before they went. */
export const MISSING = 'dev.vmcp/missingBackends'

/** What an era makes of a list. */
export interface Rendering {
  /** The definition as this era knows it. */
  readonly project: (item: CatalogItem) => JsonObject
  /**
   * JSON text of the members beside the list of an answer that may be cached so.
   * @param meta the same of members of its `_meta`
   */
  readonly beside: ((caching: CacheHint, meta: string) => string) | undefined
}

/**
 * Pages as bytes, made once for a catalogue but for what is beside the list, which changes with time. Only pages that begin at a
 * multiple of the page size are kept, so that cursors of a client's own making cannot fill the memory.
 */
export class Pages {
  readonly #rendering: Rendering
  readonly #made = new WeakMap<Catalog, Map<string, Buffer>>()

  constructor(rendering: Rendering) {
    this.#rendering = rendering
  }

  /** @throws GatewayError `invalid_params` for an invalid cursor */
  page(catalog: Catalog, kind: ListKind, cursor: unknown): FramedResult {
    const rest = this.#page(catalog, kind, cursor)
    const { beside } = this.#rendering
    const meta = metaOf(catalog)
    if (beside !== undefined) return { lead: `{${beside(catalog.caching(kind), meta)},`, rest }
    return { lead: meta === '' ? '{' : `{"_meta":{${meta}},`, rest }
  }

  #page(catalog: Catalog, kind: ListKind, cursor: unknown): Buffer {
    const items: readonly CatalogItem[] = catalog[kind]
    const start = cursor === undefined ? 0 : seek(items, decodeCursor(kind, cursor))
    if (start % PAGE_SIZE !== 0) return this.#render(items, kind, start)
    const made = this.#of(catalog)
    const key = `${kind} ${start}`
    const known = made.get(key)
    if (known !== undefined) return known
    const page = this.#render(items, kind, start)
    made.set(key, page)
    return page
  }

  #of(catalog: Catalog): Map<string, Buffer> {
    const made = this.#made.get(catalog) ?? new Map<string, Buffer>()
    this.#made.set(catalog, made)
    return made
  }

  #render(items: readonly CatalogItem[], kind: ListKind, start: number): Buffer {
    const end = Math.min(start + PAGE_SIZE, items.length)
    const list = items.slice(start, end).map((item) => printExact(this.#rendering.project(item)))
    const next = end < items.length ? nextCursor(kind, end, items[end - 1]) : ''
    return Buffer.from(`"${MEMBER[kind]}":[${list.join(',')}]${next}}}`)
  }
}

function metaOf({ missing }: Catalog): string {
  return missing === undefined ? '' : `"${MISSING}":${JSON.stringify(missing)}`
}

function nextCursor(kind: ListKind, n: number, last: CatalogItem | undefined): string {
  return `,"nextCursor":"${encodeCursor(kind, { n, last: last && nameOf(last) })}"`
}

/** The offset where the list goes on. The catalogue may have changed since the cursor was made. */
function seek(items: readonly CatalogItem[], { n, last }: Position): number {
  const before = items[n - 1]
  if (last === undefined || (before !== undefined && nameOf(before) === last))
    return Math.min(n, items.length)
  return firstAfter(items, last)
}

/** Lists are sorted by key in code unit order. */
function firstAfter(items: readonly CatalogItem[], key: string): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (nameOf(items[middle] as CatalogItem) <= key) low = middle + 1
    else high = middle
  }
  return low
}
