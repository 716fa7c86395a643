import { hash } from 'node:crypto'
import { Troubles } from './troubles.ts'

/** A secret that was got from somewhere, good for a time. */
export interface Token {
  readonly value: string
  /** Milliseconds since 1970. */
  readonly expires: number
}

/** Who gives tokens cannot be asked now. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/** With the time when it was got, in milliseconds since 1970. */
export interface Got extends Token {
  readonly since: number
}

/** Where other gateways find what one has got. None of these reject. */
export interface Sharing {
  get(key: string): Promise<Got | undefined>
  set(key: string, got: Got, ttlMs: number): Promise<void>
  remove(key: string): Promise<void>
}

export interface TokensOptions {
  /** Beyond it the least recently used goes. */
  readonly maxEntries: number
  /** A token is replaced this long before it expires, at most half of the time that it was good for. */
  readonly ttlOffsetMs: number
  readonly shared?: Sharing | undefined
}

/** A token that is kept. Whoever holds one asks it whether it is good still: it may have been dropped meanwhile. */
export class Held implements Got {
  readonly key: string
  readonly value: string
  readonly expires: number
  readonly since: number
  /** Whether it was got in the place of one that was refused. */
  readonly isReplacement: boolean
  #until: number
  #used = false

  constructor(key: string, { value, expires, since }: Got, { offsetMs = 0, isReplacement = false } = {}) {
    this.key = key
    this.value = value
    this.expires = expires
    this.since = since
    this.isReplacement = isReplacement
    this.#until = expires - Math.min(offsetMs, (expires - since) / 2)
  }

  /** For how long it is good still, in milliseconds. */
  get leftMs(): number {
    return this.#until - Date.now()
  }

  /** Whether it is to be used: soon before it expires another is better. */
  get isGood(): boolean {
    return Date.now() < this.#until
  }

  /** Whether it has neither expired nor been dropped. */
  get isAlive(): boolean {
    return this.#until > 0 && Date.now() < this.expires
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
  #options: TokensOptions
  /** In the order in which they came, or were last seen in use. */
  readonly #held = new Map<string, Held>()
  readonly #pending = new Map<string, Promise<Held>>()
  readonly #troubles = new Troubles()

  constructor(options: TokensOptions) {
    this.#options = options
  }

  tune(options: TokensOptions): void {
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
    const getting = this.#getOr(key, get, held).finally(() => this.#pending.delete(key))
    this.#pending.set(key, getting)
    return getting
  }

  /** Forgets a token that was refused. @returns whether another is worth a try */
  drop(held: Held): boolean {
    // Somebody else has dropped it already.
    if (!held.isAlive) return true
    if (held.isReplacement && Date.now() - held.since < REPLACEMENT_MS) return false
    held.spoil()
    this.#held.delete(held.key)
    this.#troubles.refused(held.key)
    void this.#options.shared?.remove(held.key)
    return true
  }

  /** What there is goes on until it expires while nobody can be asked for another. */
  async #getOr(key: string, get: () => Promise<Token>, last: Held | undefined): Promise<Held> {
    try {
      return await this.#get(key, get)
    } catch (error) {
      if (error instanceof Unreachable && last?.isAlive) return last
      throw error
    }
  }

  async #get(key: string, get: () => Promise<Token>): Promise<Held> {
    const trouble = this.#troubles.of(key)
    if (trouble.error !== undefined) throw trouble.error
    try {
      const { isRefused } = trouble
      // What others have may be what was refused.
      const held = (isRefused ? undefined : await this.#fetch(key)) ?? (await this.#make(key, get, isRefused))
      this.#troubles.over(key)
      this.#keep(held)
      return held
    } catch (error) {
      this.#troubles.failed(key, error)
      throw error
    }
  }

  /** Another gateway may have got it. */
  async #fetch(key: string): Promise<Held | undefined> {
    const got = await this.#options.shared?.get(key)
    const held = got && new Held(key, got, { offsetMs: this.#options.ttlOffsetMs })
    return held?.isGood ? held : undefined
  }

  async #make(key: string, get: () => Promise<Token>, isReplacement: boolean): Promise<Held> {
    const { value, expires } = await get()
    const got = { value, expires, since: Date.now() }
    const held = new Held(key, got, { offsetMs: this.#options.ttlOffsetMs, isReplacement })
    void this.#options.shared?.set(key, got, held.leftMs)
    return held
  }

  #keep(held: Held): void {
    this.#held.delete(held.key)
    this.#held.set(held.key, held)
    for (const [key, oldest] of this.#held) {
      if (this.#held.size <= this.#options.maxEntries && oldest.isAlive) return
      this.#held.delete(key)
      if (oldest.isAlive && (oldest === held || oldest.rest())) this.#held.set(key, oldest)
      else oldest.spoil()
    }
  }
}
