import { type Command, Option } from 'commander'
import type { CommandContext } from '../context.ts'
import type { LoginFlags } from '../login-print.ts'
import { collect, duration } from '../options.ts'

const TEN_MINUTES = 600_000

export function registerLogin(program: Command, context: CommandContext): void {
  program
    .command('login <backend>')
    .description('log in to a backend with type oauth, in the browser, for all vmcp that serve it')
    .option('-g, --group <name>', 'the backends of a group')
    .option('--no-browser', 'print the address and open nothing')
    .addOption(new Option('--scope <scope>', 'ask for this too; repeatable').argParser(collect))
    .addOption(
      new Option('--wait <time>', 'for you to log in').argParser(duration).default(TEN_MINUTES, '10m'),
    )
    .action(async (backend: string, _, command: Command) => {
      const { printLogin } = await import('../login-print.ts')
      await printLogin(backend, command.optsWithGlobals<LoginFlags>(), context.terminal)
    })
}
