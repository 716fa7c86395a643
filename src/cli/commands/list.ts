import type { Command } from 'commander'
import type { BackendConfig } from '../../core/config.ts'
import type { CommandContext } from '../context.ts'
import type { GlobalOptions } from '../globals.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

interface ListFlags extends GlobalOptions {
  readonly group?: string
}

export function registerList(program: Command, { terminal }: CommandContext): void {
  program
    .command('list')
    .alias('ls')
    .description('list the backends of one group or of all')
    .option('-g, --group <name>', 'the group')
    .action((_, command: Command) => list(command.optsWithGlobals<ListFlags>(), terminal))
}

async function list({ group, json }: ListFlags, terminal: Terminal): Promise<void> {
  const { knownGroups, resolveGroup } = await import('../../backends/discovery/index.ts')
  const all = group === undefined ? (await knownGroups(process.env)).map(({ name }) => name) : [group]
  const rows: Row[] = []
  for (const name of new Set(all)) {
    const { backends, notes, place } = await resolveGroup(name, process.env)
    notes.forEach(terminal.note)
    rows.push(...backends.map((backend) => rowOf(backend, name, place)))
  }
  if (json === true) terminal.json({ backends: rows })
  else if (rows.length === 0) terminal.out('no backends yet; `vmcp add` adds one')
  else terminal.out(print(rows))
}

interface Row {
  readonly name: string
  readonly group: string
  readonly place: string
  readonly transport: string
  readonly target: string
}

function rowOf(backend: BackendConfig, group: string, place: string): Row {
  const { name, transport } = backend
  return { name, group, place, transport, target: targetOf(backend) }
}

/** Without what may be secret: user, password and query of a URL, and the environment. */
function targetOf(backend: BackendConfig): string {
  if (backend.transport === 'stdio') return [backend.command, ...backend.args].join(' ')
  if (!URL.canParse(backend.url)) return '(not a URL)'
  const { protocol, host, pathname, search } = new URL(backend.url)
  return `${protocol}//${host}${pathname}${search === '' ? '' : '?…'}`
}

function print(rows: readonly Row[]): string {
  const columns = ['NAME', 'GROUP', 'KEPT BY', 'TRANSPORT', 'TARGET'].map((title) => ({ title }))
  return table(
    columns,
    rows.map(({ name, group, place, transport, target }) => [
      name,
      group,
      place === 'store' ? 'vmcp' : place,
      transport,
      target,
    ]),
  )
}
