/** What attributes were called before there were conventions for MCP. */
export const OLDER_NAMES: Readonly<Record<string, string>> = {
  'mcp.method.name': 'mcp.method',
  'jsonrpc.request.id': 'mcp.request.id',
  'mcp.resource.uri': 'mcp.resource.id',
  'gen_ai.tool.name': 'mcp.tool.name',
  'gen_ai.prompt.name': 'mcp.prompt.name',
  'rpc.system.name': 'rpc.system',
}
