import type { Command } from 'commander'
import type { CommandContext } from '../context.ts'

export function registerSchema(program: Command, { terminal }: CommandContext): void {
  program
    .command('schema')
    .description('print the JSON Schema of the configuration file')
    .action(async () => {
      const { jsonSchema } = await import('../../config/index.ts')
      terminal.out(JSON.stringify(jsonSchema(), null, 2))
    })
}
