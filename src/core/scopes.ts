import type { Principal } from './caller.ts'
import { GatewayError } from './errors.ts'

/** Whether the token of a caller has all these scopes (RFC 6749 §3.3). A caller without a token has none. */
export function hasScopes({ scopes }: Principal, needed: readonly string[]): boolean {
  for (const scope of needed) if (scopes === undefined || !scopes.has(scope)) return false
  return true
}

/** @param needed all that the operation needs, so that one step-up is enough (MCP, basic/authorization) */
export function insufficientScope(needed: readonly string[]): GatewayError {
  const scope = needed.join(' ')
  return new GatewayError('denied', `the access token lacks scopes: this needs ${scope}`, {
    data: { error: 'insufficient_scope', scope },
    scopes: needed,
  })
}
