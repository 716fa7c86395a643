import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import type { GlobalOptions } from '../globals.ts'
import { table } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export function registerGroup(program: Command, { terminal }: CommandContext): void {
  const group = program.command('group').description('keep groups of backends on this machine')
  group
    .command('create')
    .description('make an empty group')
    .argument('<name>')
    .action((name: string, _, command: Command) => create(name, command.optsWithGlobals(), terminal))
  group
    .command('list')
    .alias('ls')
    .description('list our own groups and those of ToolHive')
    .action((_, command: Command) => list(command.optsWithGlobals(), terminal))
  group
    .command('rm')
    .alias('remove')
    .description('remove a group')
    .argument('<name>')
    .option('-f, --force', 'remove its workloads too')
    .action((name: string, _, command: Command) => remove(name, command.optsWithGlobals(), terminal))
}

async function create(name: string, { json }: GlobalOptions, terminal: Terminal): Promise<void> {
  const { createGroup } = await import('../../backends/discovery/index.ts')
  await createGroup(name, process.env)
  if (json === true) terminal.json({ group: name, created: true })
  else terminal.out(`created group '${name}'; \`vmcp add NAME --group ${name} -- COMMAND\` fills it`)
}

async function list({ json }: GlobalOptions, terminal: Terminal): Promise<void> {
  const { knownGroups } = await import('../../backends/discovery/index.ts')
  const groups = await knownGroups(process.env)
  if (json === true) terminal.json({ groups })
  else if (groups.length === 0) terminal.out('no groups yet; `vmcp group create NAME` makes one')
  else
    terminal.out(
      table(
        [{ title: 'GROUP' }, { title: 'KEPT BY' }],
        groups.map(({ name, place }) => [name, place === 'store' ? 'vmcp' : place]),
      ),
    )
}

interface RemoveFlags extends GlobalOptions {
  readonly force?: boolean
}

async function remove(name: string, { json, force }: RemoveFlags, terminal: Terminal): Promise<void> {
  const { removeGroup } = await import('../../backends/discovery/index.ts')
  await removeGroup(name, process.env, force === true)
  if (json === true) terminal.json({ group: name, removed: true })
  else terminal.out(`removed group '${name}'`)
}
