/** What is wrong with a backend, of a closed set for programs. */
export type Problem =
  | 'dns'
  | 'refused'
  | 'unreachable'
  | 'tls_self_signed'
  | 'tls_expired'
  | 'tls_wrong_host'
  | 'tls_authority'
  | 'tls_other'
  | 'not_tls' // https is spoken to a port of http
  | 'is_tls' // http is spoken to a port of https
  | 'credentials'
  | 'path'
  | 'redirect'
  | 'server_error'
  | 'not_mcp'
  | 'too_old'
  | 'silent'
  | 'not_found' // the program, or the folder that it is to run in
  | 'exits'
  | 'prints' // something on stdout that is not the protocol
  | 'slow' // it works
  | 'other'

/** For the person who can mend it: what was seen, and what to do. */
export interface Finding {
  readonly problem: Problem
  readonly seen: string
  readonly mend: string
}

export function finding(problem: Problem, seen: string, mend: string): Finding {
  return { problem, seen, mend }
}

const SHOWN = 120

/** The beginning of what a server said, on one line. */
export function shown(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ')
  return JSON.stringify(line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line)
}

export const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'vmcp doctor', version: '1' },
  },
} as const

/** @param text of a message that came in answer to `HELLO`. @returns `undefined` where there is nothing wrong with it */
export function judgeAnswer(text: string, versions: readonly string[]): Finding | undefined {
  const message = parse(text)
  if (message?.['jsonrpc'] !== '2.0')
    return finding(
      'not_mcp',
      `it answered with ${shown(text)}, which is not MCP`,
      'check that this is the address or the command of an MCP server',
    )
  if (message['method'] !== undefined)
    return finding(
      'not_mcp',
      `it sends our own words back: ${shown(text)}`,
      'check that this is the address or the command of an MCP server',
    )
  const version = (message['result'] as { protocolVersion?: unknown } | undefined)?.protocolVersion
  if (typeof version !== 'string' || versions.includes(version) || version > '2025-11-25') return undefined
  return finding(
    'too_old',
    `it speaks MCP ${shown(version)}; the oldest that vmcp speaks is ${versions.at(-1)}`,
    'update the server',
  )
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
