import { Argument, type Command } from 'commander'
import type { CommandContext } from '../context.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

export function registerCompletion(program: Command, { terminal }: CommandContext): void {
  program
    .command('completion')
    .description('print a completion script; `source <(vmcp completion bash)` tries it')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { completionScript } = await import('../completion/index.ts')
      terminal.out(completionScript(shell, program))
    })
}
