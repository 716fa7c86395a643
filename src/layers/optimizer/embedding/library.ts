import type { Log } from '../../../core/log.ts'
import { embedAll } from './batches.ts'
import type { Embedder } from './embedder.ts'
import { VectorFile } from './vector-file.ts'
import { normalized, Vectors } from './vectors.ts'

/** A text, and what tells its content from that of all others. */
export interface Text {
  readonly key: string
  readonly text: string
}

export interface LibraryOptions {
  readonly embedder: Embedder
  /** In memory only where it is absent. */
  readonly folder: string | undefined
  readonly log: Log
}

/** The vectors of texts: from memory, from disk, and of those that are new from the embedder. */
export class Library {
  readonly #options: LibraryOptions
  readonly #vectors = new Vectors()
  #identity: string | undefined
  #length = 0
  #file: VectorFile | undefined
  #embedded = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: LibraryOptions) {
    this.#options = options
  }

  /** Texts that the embedder was asked for. */
  get embedded(): number {
    return this.#embedded
  }

  get size(): number {
    return this.#vectors.size
  }

  get(key: string): Float32Array | undefined {
    return this.#vectors.get(key)
  }

  /** Not kept: nobody asks the same twice. @throws GatewayError */
  async ask(text: string, signal: AbortSignal): Promise<Float32Array> {
    await this.#know(signal)
    const [vector = []] = await embedAll([text], this.#options.embedder, signal)
    const made = normalized(vector)
    await this.#fit(made.length)
    return made
  }

  /** Makes the vectors of those that are not there yet, one filling after the other. @throws GatewayError */
  fill(texts: readonly Text[], signal: AbortSignal): Promise<void> {
    const filled = this.#last.then(() => this.#fill(texts, signal))
    this.#last = filled.catch(() => {})
    return filled
  }

  async #fill(texts: readonly Text[], signal: AbortSignal): Promise<void> {
    await this.#know(signal)
    const { embedder } = this.#options
    if (this.#length === 0) await this.ask('', signal)
    const missing = texts.filter(({ key }) => this.#vectors.get(key) === undefined)
    for (let at = 0; at < missing.length; at += embedder.batch)
      await this.#make(missing.slice(at, at + embedder.batch), signal)
  }

  async #make(batch: readonly Text[], signal: AbortSignal): Promise<void> {
    const vectors = await embedAll(
      batch.map(({ text }) => text),
      this.#options.embedder,
      signal,
    )
    this.#embedded += batch.length
    await this.#fit(vectors[0]?.length ?? 0)
    const made = new Map(batch.map(({ key }, at) => [key, normalized(vectors[at] ?? [])]))
    for (const [key, vector] of made) this.#vectors.add(key, vector)
    await this.#keep(made)
  }

  /** Asks again which model it is: after an outage it may be another. */
  doubt(): void {
    this.#identity = undefined
  }

  /** Vectors of one model cannot be compared with those of another. */
  async #know(signal: AbortSignal): Promise<void> {
    if (this.#identity !== undefined) return
    const { embedder, folder } = this.#options
    const identity = await embedder.identity(signal)
    if (this.#file === undefined || !this.#file.isOf(identity)) {
      this.#vectors.clear()
      this.#length = 0
      this.#file = new VectorFile(folder, identity)
    }
    this.#identity = identity
  }

  /** Reads what is on disk once the length of the vectors is known. */
  async #fit(length: number): Promise<void> {
    if (length === this.#length) return
    this.#vectors.clear()
    this.#length = length
    try {
      for (const [key, vector] of (await this.#file?.read(length)) ?? []) this.#vectors.add(key, vector)
    } catch (error) {
      this.#warn(error)
    }
  }

  async #keep(vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    try {
      await this.#file?.append(vectors)
    } catch (error) {
      this.#warn(error)
    }
  }

  #warn(error: unknown): void {
    const { log, folder } = this.#options
    log.warn(
      { err: error, folder },
      'vectors cannot be kept on disk; they are made again after the next start',
    )
    this.#file = new VectorFile(undefined, this.#identity ?? '')
  }
}
