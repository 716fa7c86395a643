import type { Attributes } from '../../core/trace.ts'

/** What the conventions for MCP say of a transport: HTTP is over TCP, stdio is a pipe. */
export function network(transport: 'stdio' | 'http' | 'sse' | 'streamable-http'): Attributes {
  if (transport === 'stdio') return { 'network.transport': 'pipe' }
  return { 'network.transport': 'tcp', 'network.protocol.name': 'http' }
}
