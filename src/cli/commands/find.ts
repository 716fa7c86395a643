import { type Command, InvalidArgumentError } from 'commander'
import { DEFAULT_OPTIMIZER } from '../../core/optimizer.ts'
import type { CommandContext } from '../context.ts'
import type { GlobalOptions } from '../globals.ts'
import type { SourceOptions } from '../source.ts'
import { openConnection, withSourceOptions } from '../source-options.ts'

interface FindFlags extends GlobalOptions, SourceOptions {
  readonly server?: string
  readonly limit?: number
}

export function registerFind(program: Command, context: CommandContext): void {
  const command = program
    .command('find <question...>')
    .description('connect the backends once and print the tools that the optimizer finds for a question')
  withSourceOptions(command)
    .option('--server <name>', 'search the tools of this server only')
    .option('--limit <number>', 'print at most so many, from 1 to 50', limit)
    .action(async (question: string[]) => {
      context.exitCode = await find(question.join(' '), command.optsWithGlobals<FindFlags>(), context)
    })
}

async function find(question: string, flags: FindFlags, { terminal }: CommandContext): Promise<number> {
  const connection = await openConnection(flags, terminal)
  const { config } = connection
  const settings = config.optimizer ?? DEFAULT_OPTIMIZER
  const optimizer = { ...settings, maxTools: flags.limit ?? settings.maxTools }
  const { printFindings } = await import('../find-print.ts')
  return printFindings(
    { ...connection, config: { ...config, optimizer } },
    { question, server: flags.server, json: flags.json === true },
  )
}

function limit(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= 50) return number
  throw new InvalidArgumentError('expected a number from 1 to 50')
}
