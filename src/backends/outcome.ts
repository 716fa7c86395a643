import { GatewayError } from '../core/errors.ts'
import type { Outcome } from '../resilience/breaker.ts'
import { Failure } from './mcp/failure.ts'

/**
 * What an error of a call says about the backend. An answer of its own is a success, whatever it says; what is
 * about the request, its credentials or its rate, or about us, says nothing.
 */
export function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof GatewayError)) return 'neither'
  if (error.code === 'backend') return 'success'
  if (error.code === 'timeout') return 'failure'
  const failure = Failure.of(error)
  if (failure === undefined) return 'neither'
  switch (failure.kind) {
    case 'unsent':
    case 'broken':
    case 'malformed':
      return 'failure'
    case 'status':
      return (failure.status ?? 0) >= 500 || failure.status === 408 ? 'failure' : 'neither'
    default:
      return 'neither'
  }
}

/** Whether the server wants credentials that it did not get. */
export function wantsCredentials(error: GatewayError): boolean {
  const status = Failure.of(error)?.status
  return error.code === 'unauthenticated' || status === 401 || status === 403
}

/** Not all servers have the right words for wanting credentials; a redirect for now is one to a login. */
const OTHER_WORDS: readonly unknown[] = [400, 302, 303, 307]

/**
 * Whether a server that got no credentials is there all the same: what it has for somebody with some, only they can
 * find out.
 */
export function isThere(error: GatewayError): boolean {
  const { status, cause } = Failure.of(error) ?? {}
  if (wantsCredentials(error) || OTHER_WORDS.includes(status)) return true
  return error.code === 'backend' || (cause instanceof GatewayError && cause.code === 'backend')
}
