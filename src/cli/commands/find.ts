import { type Command, InvalidArgumentError, Option } from 'commander'
import { DEFAULT_OPTIMIZER } from '../../core/optimizer.ts'
import type { CommandContext } from '../context.ts'
import { type GlobalOptions, openLog } from '../globals.ts'
import { collect } from '../options.ts'
import { loadSource, type SourceOptions, tellOf } from '../source.ts'

interface FindFlags extends GlobalOptions, SourceOptions {
  readonly server?: string
  readonly limit?: number
}

export function registerFind(program: Command, context: CommandContext): void {
  program
    .command('find <question...>')
    .description('connect the backends once and print the tools that the optimizer finds for a question')
    .option('-g, --group <name>', 'the backends of a group')
    .addOption(
      new Option(
        '--from <file>',
        'the servers of an editor: mcpServers or servers as JSON; repeatable',
      ).argParser(collect),
    )
    .option('--server <name>', 'search the tools of this server only')
    .option('--limit <number>', 'print at most so many, from 1 to 50', limit)
    .action(async (question: string[], _, command: Command) => {
      context.exitCode = await find(question.join(' '), command.optsWithGlobals<FindFlags>(), context)
    })
}

async function find(question: string, flags: FindFlags, { terminal }: CommandContext): Promise<number> {
  const log = await openLog(flags, terminal, true)
  const source = await loadSource(flags)
  await tellOf(source, terminal, terminal.note)
  const settings = source.config.optimizer ?? DEFAULT_OPTIMIZER
  const optimizer = { ...settings, maxTools: flags.limit ?? settings.maxTools }
  const { printFindings } = await import('../find-print.ts')
  return printFindings(
    { config: { ...source.config, optimizer }, log, terminal },
    { question, server: flags.server, json: flags.json === true },
  )
}

function limit(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 1 && number <= 50) return number
  throw new InvalidArgumentError('expected a number from 1 to 50')
}
