import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import type { GlobalOptions } from '../globals.ts'
import type { SourceOptions } from '../source.ts'
import { openConnection, withSourceOptions } from '../source-options.ts'

export function registerExplain(program: Command, context: CommandContext): void {
  const command = program
    .command('explain <name>')
    .description('connect the backends once and say why a tool, prompt or resource is there, or is not')
  withSourceOptions(command).action(async (name: string) => {
    const flags = command.optsWithGlobals<GlobalOptions & SourceOptions>()
    const connection = await openConnection(flags, context.terminal)
    const { printExplanation } = await import('../explain-print.ts')
    context.exitCode = await printExplanation(connection, { name, json: flags.json === true })
  })
}
