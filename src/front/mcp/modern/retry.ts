import { createHash } from 'node:crypto'
import { canonical } from '../../../core/canonical.ts'
import { GatewayError } from '../../../core/errors.ts'
import { parseExact } from '../../../core/exact.ts'
import type { RpcRequest } from '../message.ts'

/** Members of a retry that the request before it did not have, or that belong to the hop. */
const OF_THE_RETRY = ['_meta', 'inputResponses', 'requestState']

/** The same for a request and its retries, in whatever order they have their members (MCP 2026-07-28, basic/patterns/mrtr). */
export function digestOf({ method, raw }: Pick<RpcRequest, 'method' | 'raw'>): string {
  const own = parseExact(raw.without(OF_THE_RETRY).toString())
  return createHash('sha256')
    .update(canonical([method, own]))
    .digest('base64url')
}

export function invalidState(): GatewayError {
  return new GatewayError(
    'invalid_params',
    'params.requestState is not, or no longer, one for this request: send back what the last result had, ' +
      'unchanged, with the same parameters; or begin anew without it',
  )
}

/** The name may have passed to another backend since. */
export function movedState(): GatewayError {
  return new GatewayError(
    'invalid_params',
    'params.requestState is of another backend than the one that serves this name now: begin anew without it',
  )
}
