import type { Command } from 'commander'
import type { Status } from '../../status/status.ts'
import type { CommandContext } from '../context.ts'
import type { Choice } from '../control.ts'
import { EXIT } from '../exit.ts'
import type { GlobalOptions } from '../globals.ts'
import type { Report } from '../status-print.ts'
import type { Terminal } from '../terminal.ts'
import { betweenLooks, shower } from '../watching.ts'
import { withChoice } from './reload.ts'

interface StatusFlags extends GlobalOptions, Choice {
  readonly watch?: boolean
}

export function registerStatus(program: Command, context: CommandContext): void {
  withChoice(program.command('status'))
    .description('show how a server that runs and its backends do')
    .option('-w, --watch', 'go on showing it, until Ctrl-C')
    .action(async (_, command: Command) => {
      const flags = command.optsWithGlobals<StatusFlags>()
      const report = await look(flags)
      context.exitCode = report.status.healthy ? EXIT.ok : EXIT.failed
      if (flags.watch === true) await watch(flags, report, context.terminal)
      else if (flags.json === true) context.terminal.json(told(report))
      else await print(report, context.terminal)
    })
}

async function look(choice: Choice): Promise<Report> {
  const { ask, chooseServer } = await import('../control.ts')
  const server = await chooseServer(choice)
  return { server, status: (await ask(server, 'GET', '/status')) as Status }
}

/** Without what lets others in. */
function told({ server, status }: Report): object {
  const { pid, name, url, source } = server
  return { server: { pid, name, url, source }, ...status }
}

async function print(report: Report, terminal: Terminal): Promise<void> {
  const { printReport } = await import('../status-print.ts')
  terminal.out(printReport(report, terminal.colors))
}

/** Until the server ends, or whoever watches has seen enough. @throws UserError when the server is there no more */
async function watch(flags: StatusFlags, first: Report, terminal: Terminal): Promise<never> {
  const { printReport, reportLines } = await import('../status-print.ts')
  const show = shower<Report>(terminal, {
    json: flags.json === true ? told : undefined,
    text: (report) => printReport(report, terminal.colors),
    lines: reportLines,
  })
  const choice = { pid: first.server.pid }
  for (let report = first; ; report = await look(choice)) {
    show(report)
    await betweenLooks()
  }
}
