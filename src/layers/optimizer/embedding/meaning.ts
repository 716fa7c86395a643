import type { Log } from '../../../core/log.ts'
import type { EmbeddingConfig } from '../../../core/optimizer.ts'
import type { Hit } from '../../../engines/search/index.ts'
import type { Meaning } from '../finder.ts'
import type { IndexedTools } from '../tool-index.ts'
import { createEmbedder } from './index.ts'
import { Library } from './library.ts'
import { Outage } from './outage.ts'
import { textOf } from './text.ts'
import { distance } from './vectors.ts'

export interface MeaningOptions {
  readonly config: EmbeddingConfig
  /** What is further away than this cosine distance is not found. */
  readonly threshold: number
  readonly log: Log
  /** How long a search waits for the service, at most, before words must do. */
  readonly patienceMs?: number
}

/** What is told of it at `/status`. */
export interface MeaningStatus {
  readonly provider: string
  readonly status: 'ok' | 'down'
  /** ISO 8601. */
  readonly since: string
  /** Why it is down. */
  readonly reason?: string
  readonly vectors: number
}

const PATIENCE_MS = 5_000

/** Finds tools whose vectors are near that of the question. */
export class EmbeddedMeaning implements Meaning {
  readonly #options: MeaningOptions
  readonly #outage: Outage
  readonly #library: Library
  readonly #closing = new AbortController()
  readonly #filling = new WeakMap<IndexedTools, Promise<void>>()

  constructor(options: MeaningOptions) {
    const { config, log } = options
    this.#options = options
    this.#outage = new Outage(log)
    this.#library = new Library({ embedder: createEmbedder(config), folder: config.cacheFolder, log })
  }

  get status(): MeaningStatus {
    const { error, since } = this.#outage
    return {
      provider: this.#options.config.provider,
      status: error === undefined ? 'ok' : 'down',
      since: since.toISOString(),
      ...(error !== undefined && { reason: error.message }),
      vectors: this.#library.size,
    }
  }

  /** Texts that the service was asked for. */
  get embedded(): number {
    return this.#library.embedded
  }

  /** Makes the vectors of these tools that are missing. Does not throw. */
  async prepare(tools: IndexedTools): Promise<void> {
    const isWhole = tools.items.every(({ key }) => this.#library.get(key) !== undefined)
    if (isWhole || this.#outage.isPausing) return
    const filling = this.#filling.get(tools) ?? this.#fill(tools)
    this.#filling.set(tools, filling)
    await filling
  }

  async search(tools: IndexedTools, text: string, signal: AbortSignal): Promise<readonly Hit[] | undefined> {
    if (this.#outage.isPausing) return undefined
    const { patienceMs = PATIENCE_MS } = this.#options
    const until = AbortSignal.any([signal, this.#closing.signal, AbortSignal.timeout(patienceMs)])
    try {
      const question = await this.#library.ask(text, until)
      this.#outage.worked()
      await Promise.race([this.prepare(tools), aborted(until)])
      return this.#near(tools, question)
    } catch (error) {
      if (!signal.aborted && !this.#closing.signal.aborted) this.#failed(error)
      return undefined
    }
  }

  close(): void {
    this.#closing.abort()
  }

  #near(tools: IndexedTools, question: Float32Array): Hit[] {
    const hits: Hit[] = []
    tools.items.forEach(({ key }, place) => {
      const vector = this.#library.get(key)
      if (vector === undefined || vector.length !== question.length) return
      const apart = distance(question, vector)
      if (apart <= this.#options.threshold) hits.push({ place, score: 1 - apart })
    })
    return hits.sort((a, b) => b.score - a.score || a.place - b.place)
  }

  async #fill(tools: IndexedTools): Promise<void> {
    try {
      await this.#library.fill(tools.items.map(textOf), this.#closing.signal)
      this.#outage.worked()
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#failed(error)
    } finally {
      this.#filling.delete(tools)
    }
  }

  #failed(error: unknown): void {
    this.#library.doubt()
    this.#outage.failed(error)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
