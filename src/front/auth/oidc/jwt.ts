import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose'
import { GatewayError } from '../../../core/errors.ts'
import { invalidToken } from './bearer.ts'
import type { Keys } from './keys.ts'

export interface JwtRules {
  /** In every spelling that is accepted. */
  readonly issuers: string[]
  readonly audience: string
  readonly algorithms: readonly string[]
  readonly clockSkewMs: number
}

/** RFC 9068 §4, and what issuers without it write; anything else is a token for another purpose. */
const TYPES = ['at+jwt', 'jwt']
/** What issuers write into the claims `typ` and `token_use` of tokens that are not for access. */
const OTHER_USES = ['id', 'refresh', 'offline', 'logout']
/** Of ID tokens only (OpenID Connect Core §3.3.2.11). */
const ID_TOKEN_CLAIMS = ['at_hash', 'c_hash']
/** Keys of one set that a token without the name of its key is tried with. */
const MOST_TRIES = 4

/** Whether a token looks like a signed JWT. What does not is opaque. */
export function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]*\.[\w-]*$/.test(token)
}

/** Verifies access tokens that are JWTs (RFC 7519 §7.2, RFC 8725, RFC 9068 §4). */
export class JwtVerifier {
  readonly #keys: Keys
  readonly #options: JWTVerifyOptions

  constructor(keys: Keys, { issuers, audience, algorithms, clockSkewMs }: JwtRules) {
    this.#keys = keys
    this.#options = {
      issuer: issuers,
      audience,
      algorithms: [...algorithms],
      clockTolerance: clockSkewMs / 1000,
      requiredClaims: ['exp', 'iss', 'aud', 'sub'],
    }
  }

  /** @throws GatewayError `unauthenticated`; Error where the keys cannot be had */
  async verify(token: string): Promise<JWTPayload> {
    const keys = await this.#keys.get()
    try {
      return await this.#check(token, keys)
    } catch (error) {
      if (!mayBeRotated(error)) throw refused(error)
      const others = await this.#keys.look()
      if (others === undefined) throw refused(error)
      return this.#check(token, others).catch((again: unknown) => {
        throw refused(again)
      })
    }
  }

  async #check(token: string, keys: JWTVerifyGetKey): Promise<JWTPayload> {
    const { payload, protectedHeader } = await this.#verified(token, keys)
    checkPurpose(protectedHeader.typ, payload)
    checkSubject(payload)
    return payload
  }

  async #verified(token: string, keys: JWTVerifyGetKey) {
    try {
      return await jwtVerify(token, keys, this.#options)
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      let tries = 0
      for await (const key of error) {
        if (++tries > MOST_TRIES) break
        const verified = await jwtVerify(token, key, this.#options).catch(unlessWrongKey)
        if (verified !== undefined) return verified
      }
      throw new errors.JWSSignatureVerificationFailed()
    }
  }
}

function unlessWrongKey(error: unknown): undefined {
  if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
}

function mayBeRotated(error: unknown): boolean {
  return error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed
}

/** @throws GatewayError `unauthenticated` */
function checkPurpose(typ: string | undefined, claims: JWTPayload): void {
  const type = typ?.toLowerCase().replace(/^application\//, '')
  if (type !== undefined && !TYPES.includes(type))
    throw invalidToken('the token is of a type that gives no access')
  const uses = [claims['typ'], claims['token_use']]
  const isOther = uses.some((use) => typeof use === 'string' && OTHER_USES.includes(use.toLowerCase()))
  if (isOther || ID_TOKEN_CLAIMS.some((claim) => claim in claims))
    throw invalidToken('the token is no access token')
}

/** Shared by opaque tokens: without a subject there is nobody whose session it could be. */
export function checkSubject({ sub }: { readonly sub?: unknown }): void {
  if (typeof sub !== 'string' || sub === '') throw invalidToken('the access token has no subject')
}

function refused(error: unknown): unknown {
  if (error instanceof GatewayError || !(error instanceof errors.JOSEError)) return error
  return invalidToken(reasonFor(error), error)
}

function reasonFor(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the access token has expired'
  if (error instanceof errors.JWTClaimValidationFailed) return claimReason(error)
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return 'the access token is signed in a way that is not accepted'
  if (error instanceof errors.JWKSNoMatchingKey)
    return 'the access token is signed with a key that the issuer does not publish'
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return 'the signature of the access token is wrong'
  return 'the access token is malformed'
}

function claimReason({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (reason === 'missing') return `the access token lacks the claim ${claim}`
  if (claim === 'aud') return 'the access token is for another audience'
  if (claim === 'iss') return 'the access token is of another issuer'
  if (claim === 'nbf') return 'the access token is not valid yet'
  return `the claim ${claim} of the access token is not acceptable`
}
