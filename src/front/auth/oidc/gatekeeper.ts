import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { BearerPrincipal } from '../../../core/bearer.ts'
import type { Principal } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import { hasScopes, insufficientScope } from '../../../core/scopes.ts'
import type { Watched } from '../incoming.ts'
import { readAuthorization, tokenIn } from './bearer.ts'
import { type Remembered, RememberedTokens } from './remembered.ts'
import type { Verifier } from './verifier.ts'
import { watchToken } from './watch.ts'

/** Tokens that are being verified at the same time. */
const MOST_PENDING = 2_000
/** Characters that are kept for a token besides itself and its claims. */
const OVERHEAD = 500

/** Lets in who has a good token. One that was seen lately is known by its hash and costs no verification. */
export class Gatekeeper {
  readonly #verifier: Pick<Verifier, 'verify'>
  readonly #tokens = new RememberedTokens()
  readonly #pending = new Map<string, Promise<Remembered>>()
  readonly #known = new WeakMap<Principal, Remembered>()

  constructor(verifier: Pick<Verifier, 'verify'>) {
    this.#verifier = verifier
  }

  /** @throws GatewayError `unauthenticated`, `unavailable` */
  authenticate(request: IncomingMessage): Principal | Promise<Principal> {
    const authorization = readAuthorization(request)
    const key = keyOf(authorization)
    return (
      this.#tokens.get(key)?.principal ?? this.#verify(key, authorization).then(({ principal }) => principal)
    )
  }

  /**
   * Ends what stays open once the token that it was opened with is no longer good, or not enough, or that of somebody
   * else. A token that was taken by others is verified at once. Returns what gives the watch up.
   */
  watch({ principal, end }: Watched, needed: readonly string[]): () => void {
    const token = BearerPrincipal.tokenOf(principal)
    if (token === undefined) {
      end()
      return () => {}
    }
    const authorization = `Bearer ${token}`
    const key = keyOf(authorization)
    const again = async () => {
      const found = this.#tokens.get(key) ?? (await this.#verify(key, authorization))
      if (!isSame(found.principal, principal) || !hasScopes(found.principal, needed))
        throw insufficientScope(needed)
      return found
    }
    return watchToken(this.#known.get(principal), { again, end })
  }

  /** Once for all who bring the same token at the same time. */
  #verify(key: string, authorization: string): Promise<Remembered> {
    const pending = this.#pending.get(key)
    if (pending !== undefined) return pending
    if (this.#pending.size >= MOST_PENDING)
      throw new GatewayError(
        'unavailable',
        'too many access tokens are being verified; try again in a moment',
      )
    const verifying = this.#admit(key, authorization).finally(() => this.#pending.delete(key))
    this.#pending.set(key, verifying)
    return verifying
  }

  async #admit(key: string, authorization: string): Promise<Remembered> {
    try {
      const found = await this.#verifier.verify(tokenIn(authorization))
      const remembered = { ...found, principal: this.#same(key, found.principal) }
      this.#known.set(remembered.principal, remembered)
      this.#tokens.set(key, remembered, 2 * authorization.length + OVERHEAD)
      return remembered
    } catch (error) {
      this.#tokens.forget(key)
      throw error
    }
  }

  /** The same object for the same token that says the same as before: much is kept by it. */
  #same(key: string, principal: BearerPrincipal): BearerPrincipal {
    const last = this.#tokens.last(key)?.principal
    return last !== undefined && isDeepStrictEqual(last.claims, principal.claims) ? last : principal
  }
}

function isSame(one: Principal, other: Principal): boolean {
  return one.issuer === other.issuer && one.subject === other.subject
}

function keyOf(authorization: string): string {
  return hash('sha256', authorization, 'base64')
}
