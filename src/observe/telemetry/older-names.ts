import type { Attributes } from '../../core/trace.ts'

/** What attributes were called before there were conventions for MCP. */
const OLDER: Readonly<Record<string, string>> = {
  'mcp.method.name': 'mcp.method',
  'jsonrpc.request.id': 'mcp.request.id',
  'mcp.resource.uri': 'mcp.resource.id',
  'gen_ai.tool.name': 'mcp.tool.name',
  'gen_ai.prompt.name': 'mcp.prompt.name',
  'rpc.system.name': 'rpc.system',
}

/** The attributes, and those again that once had another name. */
export function withOlderNames(attributes: Attributes): Attributes {
  const both: Record<string, Attributes[string]> = { ...attributes }
  for (const [name, value] of Object.entries(attributes)) {
    const older = OLDER[name]
    if (older !== undefined) both[older] = value
  }
  return both
}
