import { isSaidIn } from './echo.ts'
import type { Token } from './tokens.ts'

/** A successful answer of a token endpoint (RFC 6749 §5.1). */
export interface Grant extends Token {
  /** In lower case. */
  readonly tokenType: string
  /** RFC 8693 §2.2.1. */
  readonly issuedTokenType: string | undefined
}

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
/** What fits into the headers that servers take. */
const LONGEST_TOKEN = 16 * 1024
/** Where the endpoint does not say how long its token is good. */
const UNSAID_S = 300
const LONGEST_S = 365 * 24 * 3600
const LONGEST_WORD = 40
const LONGEST_DESCRIPTION = 200
const CODE = /^[\w.:/-]{1,64}$/

/** @param who answered @throws Error */
export function judgeGrant(body: unknown, who: string): Grant {
  const { access_token, token_type, issued_token_type, expires_in } = Object(body) as Record<string, unknown>
  if (typeof access_token !== 'string' || access_token === '')
    throw new Error(`${who} answered without a token`)
  // RFC 6749 A.12; what else there may be does not belong into a header.
  if (!/^[\x21-\x7e]+$/.test(access_token))
    throw new Error(`${who} answered with a token that no header may hold`)
  if (access_token.length > LONGEST_TOKEN)
    throw new Error(`${who} answered with a token of more than ${LONGEST_TOKEN} characters`)
  if (typeof token_type !== 'string') throw new Error(`${who} does not say of what type its token is`)
  const lifetime = expires_in === undefined || expires_in === null ? UNSAID_S : Number(expires_in)
  if (!(lifetime > 0)) throw new Error(`${who} answered with a token that has expired, or never was good`)
  return {
    value: access_token,
    tokenType: token_type.toLowerCase(),
    issuedTokenType: typeof issued_token_type === 'string' ? issued_token_type : undefined,
    expires: Date.now() + Math.min(lifetime, LONGEST_S) * 1000,
  }
}

/** A grant whose token can be sent as a bearer token. @throws Error */
export function asBearer(grant: Grant, who: string): Grant {
  const { tokenType, issuedTokenType = ACCESS_TOKEN } = grant
  if (tokenType !== 'bearer') throw new Error(`${who} answered with a token that is no bearer token`)
  if (issuedTokenType === ACCESS_TOKEN || issuedTokenType === JWT) return grant
  throw new Error(`${who} answered with something else than an access token`)
}

const MEND: Readonly<Record<string, string>> = {
  invalid_client: 'check the client id and secret that are configured for it',
  unauthorized_client: 'let the client use this grant there',
  unsupported_grant_type: 'it does not offer this grant',
  invalid_grant:
    'it does not accept the token that it was given, which may have expired or be of another issuer',
  invalid_scope: 'check the scopes that are configured',
  invalid_target: 'check the audience that is configured',
}

/** What an error of a token endpoint says (RFC 6749 §5.2), in a clause. @param secrets that it must not repeat */
export function reasonOf(status: number, body: unknown, secrets: readonly string[]): string {
  const { error, error_description } = Object(body) as Record<string, unknown>
  if (typeof error !== 'string' || !CODE.test(error) || isSaidIn(error, secrets))
    return `answered with HTTP ${status}`
  const said = harmless(error_description, secrets)
  const mend = MEND[error]
  return `refused: ${error}${said === '' ? '' : ` (${said})`}${mend === undefined ? '' : `; ${mend}`}`
}

/** Text of others, short, without what may be a token. */
export function harmless(text: unknown, secrets: readonly string[]): string {
  if (typeof text !== 'string') return ''
  if (isSaidIn(text, secrets)) return ''
  return text
    .slice(0, LONGEST_DESCRIPTION)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .split(/ +/)
    .map((word) => (word.length > LONGEST_WORD ? '…' : word))
    .join(' ')
    .trim()
}
