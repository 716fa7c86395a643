import { hash } from 'node:crypto'
import { BearerPrincipal } from '../../core/bearer.ts'
import type { Principal } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Headers, Refusal } from './outgoing.ts'
import { type Held, keyOf, type Token, type Tokens } from './tokens.ts'

export interface CallersOptions {
  readonly tokens: Tokens
  /** Everything that the tokens depend on beside whose they are: the strategy, the backend, where they come from. */
  readonly key: readonly string[]
  /** @param subject the caller's own token */
  get(subject: string): Promise<Token>
  /** Whether a request was sent with this token. */
  isIn(sent: Headers, held: Held): boolean
}

/** What each caller of one backend has been given in the place of their own token. */
export class Callers {
  readonly #options: CallersOptions
  /** So that what a caller has is found without hashing. */
  readonly #known = new WeakMap<Principal, Held>()

  constructor(options: CallersOptions) {
    this.#options = options
  }

  /** Without a promise where there is one already. @throws GatewayError `unauthenticated`, Error */
  of(principal: Principal): Held | Promise<Held> {
    const known = this.#known.get(principal)
    return known?.isGood ? known.use() : this.#find(principal)
  }

  /** @returns whether there may be another by now */
  refused({ status, caller, sent }: Refusal): boolean {
    const held = caller && this.#known.get(caller.principal)
    if (held === undefined || status !== 401) return false
    return !held.isAlive || !this.#options.isIn(sent, held) || this.#options.tokens.drop(held)
  }

  #find(principal: Principal): Held | Promise<Held> {
    const subject = subjectOf(principal)
    const { tokens, key, get } = this.#options
    const held = tokens.of(keyOf([...key, hash('sha256', subject, 'base64')]), () => get(subject))
    if (!(held instanceof Promise)) return this.#know(principal, held)
    return held.then((it) => this.#know(principal, it))
  }

  #know(principal: Principal, held: Held): Held {
    this.#known.set(principal, held)
    return held
  }
}

/** @throws GatewayError `unauthenticated` */
export function subjectOf(principal: Principal): string {
  const token = BearerPrincipal.tokenOf(principal)
  if (token !== undefined) return token
  throw new GatewayError(
    'unauthenticated',
    'the caller came without a token, and credentials are made of it: set incomingAuth.type to oidc',
  )
}
