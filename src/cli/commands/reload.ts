import { type Command, Option } from 'commander'
import type { CommandContext } from '../context.ts'
import type { Choice } from '../control.ts'
import { EXIT } from '../exit.ts'
import type { GlobalOptions } from '../globals.ts'
import type { Outcome } from '../live.ts'
import { collect, processId } from '../options.ts'
import type { Terminal } from '../terminal.ts'

export function registerReload(program: Command, context: CommandContext): void {
  withChoice(program.command('reload'))
    .description('have a server that runs read its configuration anew, and say what came of it')
    .action(async (_, command: Command) => {
      const flags = command.optsWithGlobals<GlobalOptions & Choice>()
      const { ask, chooseServer } = await import('../control.ts')
      const outcome = (await ask(await chooseServer(flags), 'POST', '/reload')) as Outcome
      if (flags.json === true) context.terminal.json(outcome)
      else print(outcome, context.terminal)
      context.exitCode = outcome.outcome === 'refused' ? EXIT.config : EXIT.ok
    })
}

/** Adds the options that say which server is meant. */
export function withChoice(command: Command): Command {
  return command
    .option('-g, --group <name>', 'the server of this group')
    .addOption(new Option('--from <file>', "the server of this editor's file; repeatable").argParser(collect))
    .option('--pid <number>', 'the server with this process id', processId)
}

function print(outcome: Outcome, terminal: Terminal): void {
  const { colors, out, err } = terminal
  if (outcome.outcome === 'refused') {
    err(
      `${terminal.errorColors.red('refused:')} ${outcome.message}; generation ${outcome.generation} is served on`,
    )
    for (const detail of outcome.details) err(`  ${detail}`)
    return
  }
  const { generation, backends, changed } = outcome
  if (outcome.outcome === 'unchanged') out(`nothing has changed; generation ${generation} is served on`)
  else out(`${colors.green('✓')} generation ${generation} is served`)
  const rows = { ...backends, changed }
  for (const [what, names] of Object.entries(rows))
    if (names.length > 0) out(`  ${what}: ${names.join(', ')}`)
}
