import { printable } from '../observe/printable.ts'
import type { BackendStatus, Status } from '../status/status.ts'
import type { Server } from './servers.ts'
import { type Column, table } from './table.ts'
import type { Colors } from './terminal.ts'

/** A server that runs, and what it says of itself. */
export interface Report {
  readonly server: Pick<Server, 'pid' | 'name' | 'url' | 'source'>
  readonly status: Status
}

/** The state of a server and of its backends, for people. */
export function printReport({ server, status }: Report, colors: Colors): string {
  const { generation, since, refused } = status.configuration
  const lines = [
    `${colors.bold(server.name)} ${status.version} at ${colors.cyan(server.url)} (pid ${server.pid}, ${server.source})`,
    `configuration: generation ${generation}, since ${since}`,
  ]
  if (refused !== undefined) {
    lines.push(colors.red(`refused ${refused.at}: ${refused.message}; the one before is served on`))
    lines.push(...(refused.details ?? []).map((detail) => `  ${printable(detail)}`))
  }
  for (const { name, reason } of status.composite_tools ?? [])
    if (reason !== undefined) lines.push(colors.yellow(`composite tool ${printable(`${name}: ${reason}`)}`))
  return [...lines, backends(status.backends, colors)].join('\n')
}

function backends(rows: readonly BackendStatus[], colors: Colors): string {
  if (rows.length === 0) return 'no backends'
  const columns: Column[] = [
    { title: 'BACKEND', paint: colors.bold },
    { title: 'HEALTH', paint: (text) => paint(text, colors) },
    { title: 'BREAKER', paint: (text) => paint(text, colors) },
    { title: 'ERA' },
    { title: 'REVISION' },
    { title: 'TRANSPORT' },
    { title: 'TOOLS', align: 'right' },
    { title: 'CONNECTIONS', align: 'right' },
    { title: 'LAST ERROR' },
  ]
  return table(columns, rows.map(cells))
}

function cells(row: BackendStatus): string[] {
  return [
    row.name,
    row.health,
    row.breaker?.state ?? '-',
    row.era ?? '-',
    row.mcp_revision ?? '-',
    row.transport,
    String(row.tools ?? '-'),
    String(row.connections ?? '-'),
    row.last_error == null ? '' : `${row.last_error.at}: ${errorOf(row.last_error)}`,
  ]
}

function errorOf({ message, stderr }: NonNullable<BackendStatus['last_error']>): string {
  return stderr === undefined ? message : `${message}; its last words: ${stderr}`
}

const GOOD = new Set(['healthy', 'closed'])
const BAD = new Set(['unhealthy', 'unauthenticated', 'open'])

function paint(text: string, colors: Colors): string {
  if (GOOD.has(text)) return colors.green(text)
  return BAD.has(text) ? colors.red(text) : colors.yellow(text)
}

/** A line for each backend, for logs and pipes: what is printed is what has changed. */
export function reportLines({ server, status }: Report): Map<string, string> {
  const lines = status.backends.map((row): [string, string] => {
    const [name, health, breaker, era, , transport, tools] = cells(row)
    const reason =
      row.health === 'healthy' || row.last_error == null
        ? ''
        : ` error=${JSON.stringify(errorOf(row.last_error))}`
    const facts = `health=${health} breaker=${breaker} era=${era} transport=${transport} tools=${tools}`
    return [`backend ${name}`, `backend=${name} ${facts}${reason}`]
  })
  const { generation, refused } = status.configuration
  const refusal = refused === undefined ? '' : ` refused=${JSON.stringify(refused.message)}`
  return new Map([[`server`, `pid=${server.pid} generation=${generation}${refusal}`], ...lines])
}
