import type { Findings } from '../operator/find.ts'
import { type Connection, whileConnected } from './connected.ts'
import { printDown } from './down.ts'
import { EXIT } from './exit.ts'
import { type Column, table } from './table.ts'

interface Wanted {
  readonly question: string
  /** Of all where it is absent. */
  readonly server: string | undefined
  readonly json: boolean
}

const COLUMNS: readonly Column[] = ['NAME', 'SERVER', 'DESCRIPTION'].map((title) => ({ title }))
const LONGEST_DESCRIPTION = 80

/** Prints what the optimizer finds. @returns the exit code: failed where it finds nothing */
export function printFindings(connection: Connection, { question, server, json }: Wanted): Promise<number> {
  const { terminal } = connection
  return whileConnected(connection, async (running) => {
    const { findAsClient } = await import('../operator/find.ts')
    const args = { tool_description: question, detail: json ? 'full' : 'summary', server }
    const found = await findAsClient(running, args, AbortSignal.timeout(60_000))
    if (!json) printDown(running.backends, terminal)
    const outage = outageOf(running.optimizer?.status() ?? {})
    if (outage !== undefined) terminal.err(`${terminal.errorColors.red('found by words only:')} ${outage}`)
    if (json) terminal.json(found)
    else terminal.out(textOf(found))
    return found.tools.length > 0 ? EXIT.ok : EXIT.failed
  })
}

/** Why nothing is found by meaning, where there is something to find it with. */
function outageOf(status: { readonly optimizer?: { readonly embedding?: { readonly reason?: string } } }) {
  return status.optimizer?.embedding?.reason
}

function textOf({ tools, omitted, metrics }: Findings): string {
  if (tools.length === 0) return 'no tool has anything of it'
  const rows = tools.map(({ name, server, definition }) => [
    name,
    server,
    oneLine(String(definition['description'] ?? '')),
  ])
  const more = omitted === 0 ? '' : `, ${omitted} more found`
  const tokens = `${metrics['returned_tokens']} tokens instead of ${metrics['baseline_tokens']}`
  return `${table(COLUMNS, rows)}\n${tools.length} tools${more}; ${tokens}`
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= LONGEST_DESCRIPTION ? line : `${line.slice(0, LONGEST_DESCRIPTION - 1)}…`
}
