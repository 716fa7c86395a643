import type { ErrorCode, GatewayError } from '../../../core/errors.ts'
import type { WireError } from '../visit.ts'

/** JSON-RPC code and HTTP status. Clients of these versions read errors of requests at 200 only. */
const CODES: Readonly<Record<ErrorCode, readonly [code: number, status: number]>> = {
  parse: [-32700, 400],
  invalid_request: [-32600, 400],
  invalid_params: [-32602, 200],
  method_not_found: [-32601, 200],
  not_found: [-32602, 200],
  denied: [403, 403],
  // In the course of a call it is a backend that wants credentials: a 401 would make the client doubt its own.
  unauthenticated: [-32603, 200],
  header_mismatch: [-32600, 400],
  unsupported_version: [-32600, 400],
  capability_required: [-32603, 200],
  too_large: [-32600, 413],
  rate_limited: [429, 200],
  unavailable: [-32603, 200],
  timeout: [-32603, 200],
  cancelled: [-32603, 200],
  bad_gateway: [-32603, 200],
  backend: [-32603, 200],
  conflict: [-32603, 200],
  config: [-32603, 200],
  internal: [-32603, 200],
}

/** `resources/read` has a code of its own for what is not there (MCP 2025-11-25, server/resources). */
const RESOURCE_NOT_FOUND = -32002

export function toWire(error: GatewayError, method?: string): WireError {
  if (error.rpc !== undefined) return { status: 200, error: relayed(error.rpc) }
  const [known, status] = CODES[error.code]
  const missing = error.code === 'not_found' && method === 'resources/read'
  const body = { code: missing ? RESOURCE_NOT_FOUND : known, message: error.message }
  return { status, error: error.data === undefined ? body : { ...body, data: error.data } }
}

/** Codes that only 2026-07-28 has speak of the hop to the backend, and would mean nothing here. */
function relayed(rpc: NonNullable<GatewayError['rpc']>): WireError['error'] {
  return rpc.code <= -32020 && rpc.code >= -32022 ? { ...rpc, code: -32603 } : rpc
}
