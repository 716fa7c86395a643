import { type Command, InvalidArgumentError } from 'commander'
import type { AuthzFlags } from '../authz-print.ts'
import type { CommandContext } from '../context.ts'
import { objectOf } from '../options.ts'

export function registerAuthz(program: Command, context: CommandContext): void {
  program
    .command('authz')
    .description('try the policies of a configuration')
    .command('test')
    .description('print whether a call would be allowed, and the policies behind it')
    .option(
      '--claims <json>',
      'of the caller, such as {"sub":"alice"}; or @ and the name of a file',
      jsonText,
    )
    .option('--tool <name>', 'the tool that is called, by the name that clients see')
    .option('--prompt <name>', 'the prompt that is asked for')
    .option('--resource <uri>', 'the resource that is read')
    .option('--args <json>', 'of the call; or @ and the name of a file', jsonText)
    .option('--annotations <json>', 'of the tool, such as {"readOnlyHint":true}', jsonText)
    .option('--backend <name>', 'where it comes from')
    .option('--connect', 'ask the backends what they offer, annotations included')
    .action(async (_, command: Command) => {
      const { testAuthz } = await import('../authz-print.ts')
      context.exitCode = await testAuthz(command.optsWithGlobals<AuthzFlags>(), context.terminal)
    })
}

/** The text of an object, or `@` and the name of a file that holds one. */
function jsonText(text: string): string {
  if (!text.startsWith('@')) objectOf(text, (message) => new InvalidArgumentError(message))
  return text
}
