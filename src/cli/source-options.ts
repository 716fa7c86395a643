import { type Command, Option } from 'commander'
import type { Connection } from './connected.ts'
import { type GlobalOptions, openLog } from './globals.ts'
import { collect } from './options.ts'
import { loadSource, type SourceOptions, tellOf } from './source.ts'
import type { Terminal } from './terminal.ts'

/** Lets a command be told by a group or by an editor's files, beside `--config`, what to look at. */
export function withSourceOptions(command: Command): Command {
  return command
    .option('-g, --group <name>', 'the backends of a group')
    .addOption(
      new Option(
        '--from <file>',
        'the servers of an editor: mcpServers or servers as JSON; repeatable',
      ).argParser(collect),
    )
}

/** What a command that connects the backends once works with; what there is to say of the source is said. */
export async function openConnection(
  flags: GlobalOptions & SourceOptions,
  terminal: Terminal,
): Promise<Connection> {
  const log = await openLog(flags, terminal, true)
  const source = await loadSource(flags)
  await tellOf(source, terminal, terminal.note)
  return { config: source.config, log, terminal }
}
