import { type Command, Option } from 'commander'
import type { CommandContext } from '../context.ts'
import { type GlobalOptions, openLog } from '../globals.ts'
import { collect } from '../options.ts'
import { loadSource, type SourceOptions, tellOf } from '../source.ts'

export function registerExplain(program: Command, context: CommandContext): void {
  program
    .command('explain <name>')
    .description('connect the backends once and say why a tool, prompt or resource is there, or is not')
    .option('-g, --group <name>', 'the backends of a group')
    .addOption(
      new Option(
        '--from <file>',
        'the servers of an editor: mcpServers or servers as JSON; repeatable',
      ).argParser(collect),
    )
    .action(async (name: string, _, command: Command) => {
      const flags = command.optsWithGlobals<GlobalOptions & SourceOptions>()
      const log = await openLog(flags, context.terminal, true)
      const source = await loadSource(flags)
      await tellOf(source, context.terminal, context.terminal.note)
      const { printExplanation } = await import('../explain-print.ts')
      context.exitCode = await printExplanation(
        { config: source.config, log, terminal: context.terminal },
        { name, json: flags.json === true },
      )
    })
}
