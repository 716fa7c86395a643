import type { Principal } from './caller.ts'
import type { JsonObject } from './catalog.ts'

export interface BearerFacts {
  /** The access token, as sent. */
  readonly token: string
  readonly issuer: string
  readonly subject: string
  readonly name: string
  readonly claims: JsonObject
  /** Those that others imply included. */
  readonly scopes: ReadonlySet<string>
}

/**
 * The sender of requests with a bearer token. The token is in a private field, so that neither JSON, nor a copy, nor
 * a log has it.
 */
export class BearerPrincipal implements Principal {
  readonly issuer: string
  readonly subject: string
  readonly name: string
  readonly claims: JsonObject
  readonly scopes: ReadonlySet<string>
  readonly #token: string

  constructor({ token, issuer, subject, name, claims, scopes }: BearerFacts) {
    this.#token = token
    this.issuer = issuer
    this.subject = subject
    this.name = name
    this.claims = claims
    this.scopes = scopes
  }

  /**
   * The token that the caller came with; `undefined` for callers without one, and for copies of a principal. For
   * what is configured to send it on or to exchange it, and for nothing else.
   */
  static tokenOf(principal: Principal): string | undefined {
    return #token in principal ? principal.#token : undefined
  }
}
