import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import type { GlobalOptions } from '../globals.ts'

interface RemoveFlags extends GlobalOptions {
  readonly group: string
}

export function registerRemove(program: Command, { terminal }: CommandContext): void {
  program
    .command('remove')
    .alias('rm')
    .description('remove a backend from a group of our own')
    .argument('<name>')
    .requiredOption('-g, --group <name>', 'the group')
    .action(async (name: string, _, command: Command) => {
      const { group, json } = command.optsWithGlobals<RemoveFlags>()
      const { removeWorkload } = await import('../../backends/discovery/index.ts')
      await removeWorkload(group, name, process.env)
      if (json === true) terminal.json({ group, name, removed: true })
      else terminal.out(`removed '${name}' from group '${group}'`)
    })
}
