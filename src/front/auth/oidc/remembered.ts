import type { BearerPrincipal } from '../../../core/bearer.ts'

/** A token that was found good. */
export interface Remembered {
  readonly principal: BearerPrincipal
  /** Until when the token itself is good, in milliseconds since 1970. */
  readonly expires: number
  /** By `performance.now()`: when it is to be verified anew. */
  readonly until: number
}

const MOST = 10_000
const MOST_LETTERS = 32 * 1024 * 1024

/** Tokens that were found good, by their hash, the least recently used first. Of more than it holds, those go. */
export class RememberedTokens {
  readonly #entries = new Map<string, Remembered & { readonly size: number }>()
  #letters = 0

  get size(): number {
    return this.#entries.size
  }

  /** `undefined` for one that is to be verified, again or at all. */
  get(hash: string): Remembered | undefined {
    const entry = this.#entries.get(hash)
    if (entry === undefined || performance.now() >= entry.until) return undefined
    if (Date.now() >= entry.expires) return this.forget(hash)
    this.#entries.delete(hash)
    this.#entries.set(hash, entry)
    return entry
  }

  /** What was last known of it, no longer good perhaps. */
  last(hash: string): Remembered | undefined {
    return this.#entries.get(hash)
  }

  /** @param size of what is kept for it, in characters */
  set(hash: string, remembered: Remembered, size: number): void {
    this.forget(hash)
    this.#entries.set(hash, { ...remembered, size })
    this.#letters += size
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MOST && this.#letters <= MOST_LETTERS) return
      this.forget(oldest)
    }
  }

  forget(hash: string): undefined {
    const entry = this.#entries.get(hash)
    if (entry === undefined) return
    this.#entries.delete(hash)
    this.#letters -= entry.size
  }
}
