import { type Command, Option } from 'commander'
import type { CommandContext } from '../context.ts'
import { type GlobalOptions, openLog } from '../globals.ts'
import { collect } from '../options.ts'
import { loadSource, type SourceOptions, tellOf } from '../source.ts'

export function registerTools(program: Command, context: CommandContext): void {
  program
    .command('tools')
    .description(
      'connect the backends once and print what clients would get, from whom, and what not and why',
    )
    .option('-g, --group <name>', 'the backends of a group')
    .addOption(
      new Option(
        '--from <file>',
        'the servers of an editor: mcpServers or servers as JSON; repeatable',
      ).argParser(collect),
    )
    .action(async (_, command: Command) => {
      const flags = command.optsWithGlobals<GlobalOptions & SourceOptions>()
      const log = await openLog(flags, context.terminal, true)
      const source = await loadSource(flags)
      await tellOf(source, context.terminal, context.terminal.note)
      const { printCatalog } = await import('../catalog-print.ts')
      context.exitCode = await printCatalog(
        { config: source.config, log, terminal: context.terminal },
        flags.json === true,
      )
    })
}
