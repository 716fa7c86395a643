import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../../../core/errors.ts'

/** Longer than any token that is issued; what is longer is not even hashed. */
export const MAX_AUTHORIZATION = 16 * 1024
const NAME = 'authorization'
/** RFC 6750 §2.1. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/** The one `Authorization` header of a request. @throws GatewayError `unauthenticated` */
export function readAuthorization({ headers, rawHeaders }: IncomingMessage): string {
  const value = headers.authorization
  if (value === undefined) throw new GatewayError('unauthenticated', 'a bearer token is required')
  // Node.js takes the first of several, others may take the last.
  if (isRepeated(rawHeaders)) throw malformed('the request has more than one Authorization header')
  if (value.length > MAX_AUTHORIZATION)
    throw invalidToken(`the access token is longer than ${MAX_AUTHORIZATION} characters`)
  return value
}

/** @throws GatewayError `unauthenticated` */
export function tokenIn(authorization: string): string {
  const [, token] = BEARER.exec(authorization) ?? []
  if (token !== undefined) return token
  if (/^bearer\b/i.test(authorization)) throw malformed('the Authorization header holds no bearer token')
  throw new GatewayError('unauthenticated', 'a bearer token is required, and no other credentials are taken')
}

function isRepeated(rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string
    if (name.length === NAME.length && name.toLowerCase() === NAME) count++
  }
  return count > 1
}

/** The error codes of RFC 6750 §3.1 stand in `data`; a request without credentials has none. */
export function invalidToken(message: string, cause?: unknown): GatewayError {
  return new GatewayError('unauthenticated', message, { data: { error: 'invalid_token' }, cause })
}

function malformed(message: string): GatewayError {
  return new GatewayError('unauthenticated', message, { data: { error: 'invalid_request' } })
}
