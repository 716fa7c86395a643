/** How people connect the clients they have. */
export interface ClientHint {
  readonly client: string
  /** The file that the text goes into; `undefined` for a command to run. */
  readonly file: string | undefined
  readonly text: string
}

export function clientHints(url: string): ClientHint[] {
  const remote = { command: 'npx', args: ['-y', 'mcp-remote', url] }
  return [
    { client: 'Claude Code', file: undefined, text: `claude mcp add --transport http vmcp ${url}` },
    {
      client: 'Claude Desktop',
      file: 'claude_desktop_config.json',
      text: JSON.stringify({ mcpServers: { vmcp: remote } }),
    },
    {
      client: 'VS Code',
      file: '.vscode/mcp.json',
      text: JSON.stringify({ servers: { vmcp: { type: 'http', url } } }),
    },
    { client: 'Cursor', file: '.cursor/mcp.json', text: JSON.stringify({ mcpServers: { vmcp: { url } } }) },
  ]
}
