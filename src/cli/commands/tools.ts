import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import type { GlobalOptions } from '../globals.ts'
import type { SourceOptions } from '../source.ts'
import { openConnection, withSourceOptions } from '../source-options.ts'

export function registerTools(program: Command, context: CommandContext): void {
  const command = program
    .command('tools')
    .description(
      'connect the backends once and print what clients would get, from whom, and what not and why',
    )
  withSourceOptions(command).action(async () => {
    const flags = command.optsWithGlobals<GlobalOptions & SourceOptions>()
    const connection = await openConnection(flags, context.terminal)
    const { printCatalog } = await import('../catalog-print.ts')
    context.exitCode = await printCatalog(connection, flags.json === true)
  })
}
