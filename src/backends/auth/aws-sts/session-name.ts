import { hash } from 'node:crypto'
import type { JsonObject } from '../../../core/catalog.ts'
import { claimAt } from '../../../core/claims.ts'
import { GatewayError } from '../../../core/errors.ts'

/** What AWS allows (API reference, AssumeRoleWithWebIdentity, RoleSessionName). */
const ALLOWED = /^[\w+=,.@-]{2,64}$/
const MARK = 12
/** As if it had been replaced already. */
const MARKED = /-[0-9a-f]{12}$/

/**
 * The name of the session in AWS's records. What AWS does not allow is replaced, and then something is added that is
 * only this value's, so that nobody goes by the name of another.
 * @throws GatewayError `unauthenticated` for a caller without one
 */
export function sessionNameOf(claims: JsonObject, claim: string): string {
  const value = claimAt(claims, claim)
  if (typeof value !== 'string' || value === '') {
    const message = `the caller has no text in the claim ${claim}, which names the session in AWS (sessionNameClaim)`
    throw new GatewayError('unauthenticated', message)
  }
  if (ALLOWED.test(value) && !MARKED.test(value)) return value
  const readable = value.replace(/[^\w+=,.@-]+/g, '-').slice(0, 64 - 1 - MARK)
  return `${readable}-${hash('sha256', value, 'hex').slice(0, MARK)}`
}
