import type { Command } from 'commander'
import { VERSION } from '../../version.ts'
import type { CommandContext } from '../context.ts'
import type { GlobalOptions } from '../globals.ts'

export function registerVersion(program: Command, { terminal }: CommandContext): void {
  program
    .command('version')
    .description('print the version')
    .action((_, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>()
      if (json === true) terminal.json({ name: 'vmcp', version: VERSION, node: process.version })
      else terminal.out(`vmcp ${VERSION}`)
    })
}
