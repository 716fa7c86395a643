import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'
import type { GlobalOptions } from '../globals.ts'
import type { SourceOptions } from '../source.ts'

export function registerLogout(program: Command, context: CommandContext): void {
  program
    .command('logout <backend>')
    .description('end the login to a backend: have its tokens revoked, and forget them')
    .option('-g, --group <name>', 'the backends of a group')
    .action(async (backend: string, _, command: Command) => {
      const { printLogout } = await import('../login-print.ts')
      await printLogout(backend, command.optsWithGlobals<GlobalOptions & SourceOptions>(), context.terminal)
    })
}
