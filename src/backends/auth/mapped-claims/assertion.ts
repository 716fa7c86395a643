import { type KeyObject, randomUUID } from 'node:crypto'
import type { Principal } from '../../../core/caller.ts'
import { claimAt } from '../../../core/claims.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { AssertionConfig } from '../../../core/mapped-claims-config.ts'
import { openSigningKey, publishedKey } from '../../../core/signing-key.ts'

/** A JWT about one caller. */
export interface Assertion {
  readonly token: string
  /** When another is to be made, in milliseconds since 1970. */
  readonly renewAt: number
}

const MOST_BYTES = 8 * 1024

/** Says who callers are, signed by us (RFC 7519). */
export class Asserter {
  readonly #config: AssertionConfig
  readonly #key: KeyObject
  readonly #kid: string

  /** @throws GatewayError `config` for a key that cannot be used */
  constructor(config: AssertionConfig) {
    this.#config = config
    this.#key = openSigningKey(config)
    this.#kid = publishedKey(this.#key, config).kid
  }

  /** @throws GatewayError `unauthenticated` for a caller whose own token is over, or whose claims are too many */
  async about({ subject, claims }: Principal): Promise<Assertion> {
    const { issuer, audience, lifetimeMs, algorithm } = this.#config
    const now = Math.floor(Date.now() / 1000)
    const end = typeof claims['exp'] === 'number' ? claims['exp'] : Number.POSITIVE_INFINITY
    // It is not to outlive what it is made from.
    const exp = Math.floor(Math.min(now + lifetimeMs / 1000, end))
    if (exp <= now) throw new GatewayError('unauthenticated', "the caller's token has expired")
    const { SignJWT } = await import('jose')
    const payload = { ...this.#said(claims), iss: issuer, sub: subject, aud: audience, iat: now, exp }
    const token = await new SignJWT({ ...payload, jti: randomUUID() })
      .setProtectedHeader({ alg: algorithm, kid: this.#kid, typ: 'JWT' })
      .sign(this.#key)
    if (token.length > MOST_BYTES)
      throw new GatewayError('unauthenticated', `the caller's claims need more than ${MOST_BYTES} bytes`)
    return { token, renewAt: (now + (exp - now) / 2) * 1000 }
  }

  #said(claims: Principal['claims']): Record<string, unknown> {
    const named = this.#config.claims.map((name) => [name, claimAt(claims, name)] as const)
    return Object.fromEntries(named.filter(([, value]) => value !== undefined && value !== null))
  }
}
