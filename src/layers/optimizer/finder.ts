import type { Catalog, ToolItem } from '../../core/catalog.ts'
import { fuse, type Hit } from '../../engines/search/index.ts'
import type { Search } from './request.ts'
import { type IndexedTools, ToolIndex } from './tool-index.ts'

/** Finds by meaning. Never throws: what cannot be asked finds nothing. */
export interface Meaning {
  /** Best first; `undefined` where the service is out of reach. */
  search(tools: IndexedTools, text: string, signal: AbortSignal): Promise<readonly Hit[] | undefined>
  /** Makes ready for searching these tools. */
  prepare(tools: IndexedTools): Promise<unknown>
  /** What is told of it at `/status`. */
  readonly status: object
  close(): void
}

export interface FinderOptions {
  readonly meaning: Meaning | undefined
  /** Tools that one search returns. */
  readonly maxTools: number
  /** How much meaning counts against words, from 0 to 1. */
  readonly semanticRatio: number
}

/** Tools that one search may find. */
const MOST_FOUND = 50
/** Of the fusion of words and meaning. */
const SMOOTHING = 10
/**
 * How much a ranking by meaning is worth where one by words is worth 1. Words know names, which models of meaning do
 * not; measured with a small model, and a larger share for a better one is what the ratio is for.
 */
const WORTH_OF_MEANING = 0.32

/** Finds tools of a catalogue by words, and by meaning where there is something to ask. */
export class Finder {
  readonly #index = new ToolIndex()
  readonly #options: FinderOptions

  constructor(options: FinderOptions) {
    this.#options = options
  }

  /** Tools that were indexed since there is this finder. */
  get indexed(): number {
    return this.#index.engine.indexed
  }

  /** Makes ready for searching this catalogue; `find` does so too. */
  async prepare(catalog: Catalog): Promise<void> {
    const tools = await this.#index.of(catalog)
    await this.#options.meaning?.prepare(tools)
  }

  /** @returns the best first, at most MOST_FOUND */
  async find(catalog: Catalog, search: Search, signal: AbortSignal): Promise<readonly ToolItem[]> {
    const tools = await this.#index.of(catalog, search.server)
    const text = [search.description, search.keywords.join(' ')].filter((it) => it !== '').join('\n')
    const { meaning, semanticRatio, maxTools } = this.#options
    const byMeaning = semanticRatio > 0 ? await meaning?.search(tools, text, signal) : undefined
    const byWords = this.#index.engine.search(tools, text, MOST_FOUND, maxTools)
    const hits = byMeaning === undefined ? byWords : this.#both(byWords, byMeaning)
    return hits.slice(0, MOST_FOUND).map(({ place }) => tools.tools[place] as ToolItem)
  }

  #both(byWords: readonly Hit[], byMeaning: readonly Hit[]): Hit[] {
    const { semanticRatio } = this.#options
    const rankings = [
      { hits: byWords, weight: 1 - semanticRatio },
      { hits: byMeaning, weight: semanticRatio * WORTH_OF_MEANING },
    ]
    return fuse(
      rankings.filter(({ weight }) => weight > 0),
      SMOOTHING,
    )
  }
}
