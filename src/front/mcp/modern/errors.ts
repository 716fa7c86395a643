import type { ErrorCode, GatewayError, RpcError } from '../../../core/errors.ts'
import type { WireError } from '../visit.ts'

/** JSON-RPC code and HTTP status. What happens in the course of a call is answered at 200. */
const CODES: Readonly<Record<ErrorCode, readonly [code: number, status: number]>> = {
  parse: [-32700, 400],
  invalid_request: [-32600, 400],
  invalid_params: [-32602, 400],
  method_not_found: [-32601, 404],
  not_found: [-32602, 400],
  denied: [403, 403],
  // In the course of a call it is a backend that wants credentials: a 401 would make the client doubt its own.
  unauthenticated: [-32603, 200],
  header_mismatch: [-32020, 400],
  unsupported_version: [-32022, 400],
  capability_required: [-32021, 400],
  too_large: [-32600, 413],
  rate_limited: [429, 429],
  unavailable: [-32603, 200],
  timeout: [-32603, 200],
  cancelled: [-32603, 200],
  bad_gateway: [-32603, 200],
  backend: [-32603, 200],
  conflict: [-32603, 200],
  config: [-32603, 200],
  internal: [-32603, 200],
}

export function toWire(error: GatewayError, method?: string): WireError {
  if (error.rpc !== undefined) return relayed(error.rpc)
  if (error.code === 'not_found' && method === 'tools/call') return unknownTool(error)
  const [code, status] = CODES[error.code]
  // A call is answered at 200, and so is one that a rate limit refuses; other limits are those of the server.
  if (error.data?.['retryAfterSeconds'] !== undefined) {
    return { status: 200, error: { code, message: error.message, data: error.data } }
  }
  // -32021 tells the client which capability to declare; without that it would be no help.
  if (error.code === 'capability_required' && error.data?.['requiredCapabilities'] === undefined) {
    return { status: 200, error: { code: -32603, message: error.message } }
  }
  const body = { code, message: error.message }
  return { status, error: error.data === undefined ? body : { ...body, data: error.data } }
}

/** What ToolHive says to clients of this era, before what we say to all. */
function unknownTool({ message }: GatewayError): WireError {
  return { status: 400, error: { code: -32602, message: `unknown tool: ${message}` } }
}

const NOT_FOUND_LEGACY = -32002
const URL_ELICITATION_LEGACY = -32042

/**
 * A backend's own error. Codes that this revision does not have are translated, and so are those that
 * speak of the hop to the backend, which is none of the client's.
 */
function relayed(rpc: RpcError): WireError {
  if (rpc.code === NOT_FOUND_LEGACY) return { status: 400, error: { ...rpc, code: -32602 } }
  const ofTheHop = rpc.code <= -32020 && rpc.code >= -32022
  if (rpc.code === URL_ELICITATION_LEGACY || ofTheHop) return { status: 200, error: { ...rpc, code: -32603 } }
  return { status: 200, error: rpc }
}
