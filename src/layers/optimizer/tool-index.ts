import type { Catalog, ToolItem } from '../../core/catalog.ts'
import { type Collection, type Keyed, SearchIndex } from '../../engines/search/index.ts'
import { keyed } from './entry.ts'

/** Tools indexed before others get their turn; some ten milliseconds of work. */
const SLICE = 150

/** The tools of a catalogue, or of one server of it, as they are searched. */
export interface IndexedTools extends Collection {
  readonly tools: readonly ToolItem[]
}

/** One index for the catalogues of all callers. */
export class ToolIndex {
  readonly engine = new SearchIndex()
  readonly #items = new WeakMap<ToolItem, Keyed>()
  readonly #byCatalog = new WeakMap<Catalog, Map<string | undefined, Promise<IndexedTools>>>()

  /** @param server of these tools only; of all where it is absent */
  of(catalog: Catalog, server?: string): Promise<IndexedTools> {
    const known = this.#byCatalog.get(catalog) ?? new Map<string | undefined, Promise<IndexedTools>>()
    this.#byCatalog.set(catalog, known)
    const made = known.get(server) ?? this.#index(catalog, server)
    known.set(server, made)
    return made
  }

  async #index({ tools: all }: Catalog, server: string | undefined): Promise<IndexedTools> {
    const tools = server === undefined ? all : all.filter(({ origin }) => origin.backend === server)
    const items: Keyed[] = []
    for (let at = 0; at < tools.length; at += SLICE) {
      if (at > 0) await new Promise((resolve) => setImmediate(resolve))
      for (const tool of tools.slice(at, at + SLICE)) {
        const item = this.#itemOf(tool)
        this.engine.add(item)
        items.push(item)
      }
    }
    return { tools, items }
  }

  #itemOf(tool: ToolItem): Keyed {
    const item = this.#items.get(tool) ?? keyed(tool)
    this.#items.set(tool, item)
    return item
  }
}
