import { isBearer } from './bearer.ts'
import type { Refusal } from './outgoing.ts'
import { type Held, keyOf, type Token, type Tokens } from './tokens.ts'

export interface OwnOptions {
  readonly tokens: Tokens
  /** Everything that the token depends on. */
  readonly key: readonly string[]
  get(): Promise<Token>
}

/** The gateway's own token for one backend. */
export class Own {
  readonly #options: OwnOptions
  readonly #key: string
  #held: Held | undefined

  constructor(options: OwnOptions) {
    this.#options = options
    this.#key = keyOf(['own', ...options.key])
  }

  /** Without a promise where there is one already. @throws Error */
  get(): Held | Promise<Held> {
    if (this.#held?.isGood) return this.#held.use()
    const held = this.#options.tokens.of(this.#key, this.#options.get)
    return held instanceof Promise ? held.then((it) => this.#keep(it)) : this.#keep(held)
  }

  /** @returns whether there may be another by now */
  refused({ status, sent }: Refusal): boolean {
    const held = this.#held
    if (held === undefined || status !== 401) return false
    return !held.isAlive || !isBearer(sent, held) || this.#options.tokens.drop(held)
  }

  #keep(held: Held): Held {
    this.#held = held
    return held
  }
}
