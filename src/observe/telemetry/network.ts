import type { Attributes } from '../../core/trace.ts'

const PIPE: Attributes = { 'network.transport': 'pipe' }
const HTTP: Attributes = { 'network.transport': 'tcp', 'network.protocol.name': 'http' }

/** What the conventions for MCP say of a transport: HTTP is over TCP, stdio is a pipe. */
export function network(transport: 'stdio' | 'http' | 'sse' | 'streamable-http'): Attributes {
  return transport === 'stdio' ? PIPE : HTTP
}
