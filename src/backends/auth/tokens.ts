import { hash } from 'node:crypto'
import { Troubles } from './troubles.ts'

/** A secret that was got from somewhere, good for a time. */
export interface Token {
  readonly value: string
  /** Milliseconds since 1970. */
  readonly expires: number
}

export interface TokensOptions {
  /** Beyond it the least recently used goes. */
  readonly maxEntries: number
  /** A token is replaced this long before it expires, at most half of the time that it was good for. */
  readonly ttlOffsetMs: number
}

/** A token that is kept. Whoever holds one asks it whether it is good still: it may have been dropped meanwhile. */
export class Held implements Token {
  readonly key: string
  readonly value: string
  readonly expires: number
  /** When it was got, in milliseconds since 1970. */
  readonly since = Date.now()
  /** Whether it was got in the place of one that was refused. */
  readonly isReplacement: boolean
  #until: number
  #used = false

  constructor(key: string, { value, expires }: Token, { offsetMs = 0, isReplacement = false } = {}) {
    this.key = key
    this.value = value
    this.expires = expires
    this.isReplacement = isReplacement
    this.#until = expires - Math.min(offsetMs, (expires - this.since) / 2)
  }

  get isGood(): boolean {
    return Date.now() < this.#until
  }

  /** Says that it is in use. */
  use(): this {
    this.#used = true
    return this
  }

  /** @returns whether it was used since this was last asked */
  rest(): boolean {
    const used = this.#used
    this.#used = false
    return used
  }

  spoil(): void {
    this.#until = 0
  }
}

/** Tokens that are being got at the same time. */
const MOST_PENDING = 2_000
/** A replacement that is refused within this time is not replaced in turn: it is not the token that is wrong. */
const REPLACEMENT_MS = 10_000

/**
 * The name that a token is kept under. It says nothing of what it is made from.
 * @param parts everything that the token depends on
 */
export function keyOf(parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url')
}

/**
 * Tokens of all backends, until they expire. Each is got once, for any number of those who want it at the same time, and
 * getting it ends for nobody when one of them has gone.
 */
export class Tokens {
  readonly #options: TokensOptions
  /** In the order in which they came, or were last seen in use. */
  readonly #held = new Map<string, Held>()
  readonly #pending = new Map<string, Promise<Held>>()
  readonly #troubles = new Troubles()

  constructor(options: TokensOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#held.size
  }

  /**
   * The token that is kept under a name, or else that which `get` brings.
   * @throws Error of `get`, also for a moment after it has failed
   */
  of(key: string, get: () => Promise<Token>): Held | Promise<Held> {
    const held = this.#held.get(key)
    if (held?.isGood) return held.use()
    const pending = this.#pending.get(key)
    if (pending !== undefined) return pending
    if (this.#pending.size >= MOST_PENDING)
      return Promise.reject(new Error('too many tokens are being asked for'))
    const getting = this.#get(key, get).finally(() => this.#pending.delete(key))
    this.#pending.set(key, getting)
    return getting
  }

  /** Forgets a token that was refused. @returns whether another is worth a try */
  drop(held: Held): boolean {
    // Somebody else has dropped it already.
    if (!held.isGood) return true
    if (held.isReplacement && Date.now() - held.since < REPLACEMENT_MS) return false
    held.spoil()
    this.#held.delete(held.key)
    this.#troubles.refused(held.key)
    return true
  }

  async #get(key: string, get: () => Promise<Token>): Promise<Held> {
    const trouble = this.#troubles.of(key)
    if (trouble.error !== undefined) throw trouble.error
    try {
      const { ttlOffsetMs: offsetMs } = this.#options
      const held = new Held(key, await get(), { offsetMs, isReplacement: trouble.isRefused })
      this.#troubles.over(key)
      this.#keep(held)
      return held
    } catch (error) {
      this.#troubles.failed(key, error)
      throw error
    }
  }

  #keep(held: Held): void {
    this.#held.delete(held.key)
    this.#held.set(held.key, held)
    for (const [key, oldest] of this.#held) {
      if (this.#held.size <= this.#options.maxEntries) return
      this.#held.delete(key)
      if (oldest === held || oldest.rest()) this.#held.set(key, oldest)
      else oldest.spoil()
    }
  }
}
