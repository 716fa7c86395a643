import type { ListKind } from '../core/catalog.ts'
import type { Freshnesses } from '../core/ports.ts'
import type { Listing } from './mcp/listing.ts'

export interface RelistingOptions {
  /** Lists again and keeps what comes; `undefined` where there is nobody to ask. @throws when nothing can be listed */
  readonly list: () => Promise<Listing | undefined>
  readonly failed: (error: unknown) => void
  /** Between a list and the next one that nobody asked for, in milliseconds. */
  readonly leastMs: number
}

/** Changes that are announced within this are read in one go. */
const SOON_MS = 50
/** A list that could not be read is tried again after this, doubling. */
const RETRY_MS = 30_000
const LONGEST_RETRY_MS = 4 * 60_000
const KINDS: readonly ListKind[] = ['tools', 'prompts', 'resources', 'templates']

/**
 * When a backend is listed again: soon after it says that something has changed, and a little before what it
 * listed expires, so that a client that asks at the end gets the list of then. Those who poll are to do it with
 * jitter and backoff (MCP 2026-07-28, server/utilities/caching).
 */
export class Relisting {
  readonly #options: RelistingOptions
  #timer: NodeJS.Timeout | undefined
  #due = 0
  #listing = false
  #failures = 0
  #stopped = false

  constructor(options: RelistingOptions) {
    this.#options = options
  }

  soon(): void {
    this.#schedule(SOON_MS)
  }

  /** After what has just been listed, by whomever. */
  follow({ offer, freshness }: Listing): void {
    this.#failures = KINDS.every((kind) => offer[kind] !== undefined) ? 0 : this.#failures + 1
    const left = Math.min(...expiries(freshness)) - performance.now()
    if (this.#failures > 0) this.#schedule(retryAfter(this.#failures))
    else if (Number.isFinite(left)) this.#schedule(Math.max(left * jitter(0.9, 1), this.#options.leastMs))
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  /** The earlier of what is planned and this. */
  #schedule(afterMs: number): void {
    if (this.#stopped) return
    const due = performance.now() + afterMs
    if (this.#timer !== undefined && this.#due <= due) return
    clearTimeout(this.#timer)
    this.#due = due
    this.#timer = setTimeout(() => void this.#list(), afterMs).unref()
  }

  async #list(): Promise<void> {
    this.#timer = undefined
    if (this.#listing) return this.soon()
    this.#listing = true
    try {
      const listing = await this.#options.list()
      if (listing !== undefined) this.follow(listing)
    } catch (error) {
      this.#options.failed(error)
      this.#schedule(retryAfter(++this.#failures))
    } finally {
      this.#listing = false
    }
  }
}

/** Of the lists that a time was given for. */
function expiries(freshness: Freshnesses): readonly number[] {
  return Object.values(freshness).flatMap(({ until }) => (until > 0 ? [until] : []))
}

function retryAfter(failures: number): number {
  return Math.min(RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS) * jitter(0.9, 1.1)
}

function jitter(from: number, to: number): number {
  return from + (to - from) * Math.random()
}
