import type { Command } from 'commander'
import type { RunView } from '../../observe/run-book.ts'
import type { RunList, RunSummary } from '../../workflows/runs.ts'
import type { CommandContext } from '../context.ts'
import type { Choice } from '../control.ts'
import { UserError, usageError } from '../exit.ts'
import type { GlobalOptions } from '../globals.ts'
import type { Server } from '../servers.ts'
import type { Terminal } from '../terminal.ts'
import { betweenLooks, shower } from '../watching.ts'
import { withChoice } from './reload.ts'

interface RunsFlags extends GlobalOptions, Choice {
  readonly watch?: boolean
  readonly cancel?: boolean
  readonly resume?: boolean
  readonly tokenEnv?: string
}

export function registerRuns(program: Command, context: CommandContext): void {
  withChoice(program.command('runs [id]'))
    .description('show the runs of composite tools of a server that runs: all of them, or one with its steps')
    .option('-w, --watch', 'go on showing it, until Ctrl-C or the end of the run')
    .option('--cancel', 'end the run of this id')
    .option('--resume', 'go on with the run of this id, which waits for an answer, and answer here')
    .option(
      '--token-env <name>',
      'with --resume: the environment variable with the access token of its caller',
    )
    .action(async (id: string | undefined, _, command: Command) => {
      const flags = command.optsWithGlobals<RunsFlags>()
      if (id === undefined) return all(flags, context)
      if (flags.cancel === true) return cancel(id, flags, context)
      return flags.resume === true ? resume(id, flags, context) : one(id, flags, context)
    })
}

async function all(flags: RunsFlags, { terminal }: CommandContext): Promise<void> {
  if (flags.cancel === true || flags.resume === true)
    throw usageError('--cancel and --resume need the id of a run: vmcp runs ID')
  const { printRuns, runLines } = await import('../runs-print.ts')
  const server = await serverOf(flags)
  const show = shower<readonly RunSummary[]>(terminal, {
    json: flags.json === true ? (runs) => ({ runs }) : undefined,
    text: (runs) => printRuns(runs, terminal.colors),
    lines: runLines,
  })
  if (flags.watch !== true) {
    const runs = await listOf(server, terminal)
    return flags.json === true ? terminal.json({ runs }) : terminal.out(printRuns(runs, terminal.colors))
  }
  for (;;) {
    show(await listOf(server))
    await betweenLooks()
  }
}

async function one(id: string, flags: RunsFlags, { terminal }: CommandContext): Promise<void> {
  const { printRun, stepLines } = await import('../runs-print.ts')
  const server = await serverOf(flags)
  const path = `/runs/${(await pick(server, id)).id}`
  const show = shower<RunView>(terminal, {
    json: flags.json === true ? (run) => run : undefined,
    text: (run) => printRun(run, terminal.colors),
    lines: stepLines,
  })
  if (flags.watch !== true) {
    const run = await ask<RunView>(server, 'GET', path)
    return flags.json === true ? terminal.json(run) : terminal.out(printRun(run, terminal.colors))
  }
  for (;;) {
    const run = await ask<RunView>(server, 'GET', path)
    show(run)
    if (run.state !== 'running' && run.state !== 'waiting') return
    await betweenLooks()
  }
}

async function cancel(id: string, flags: RunsFlags, { terminal }: CommandContext): Promise<void> {
  const server = await serverOf(flags)
  const run = await pick(server, id)
  const { cancelled } = await ask<{ cancelled: boolean }>(server, 'POST', `/runs/${run.id}/cancel`)
  if (!cancelled) throw new UserError(`run ${run.id} of '${run.workflow}' has ended already: ${run.state}`)
  if (flags.json === true) terminal.json({ id: run.id, cancelled })
  else terminal.out(`${terminal.colors.green('✓')} run ${run.id} of '${run.workflow}' is ended`)
}

async function resume(id: string, flags: RunsFlags, context: CommandContext): Promise<void> {
  const { resumeRun } = await import('../runs-resume.ts')
  const server = await serverOf(flags)
  const run = await pick(server, id)
  if (run.kept !== true)
    throw new UserError(
      `run ${run.id} of '${run.workflow}' is not one that waits to be resumed: ${run.state}`,
    )
  context.exitCode = await resumeRun({ server, run: run.id, tokenEnv: flags.tokenEnv }, flags, context)
}

async function serverOf(flags: RunsFlags): Promise<Server> {
  const { chooseServer } = await import('../control.ts')
  return chooseServer(flags)
}

async function ask<T>(server: Server, method: 'GET' | 'POST', path: string): Promise<T> {
  const control = await import('../control.ts')
  return (await control.ask(server, method, path)) as T
}

async function listOf(server: Server, terminal?: Terminal): Promise<readonly RunSummary[]> {
  const { runs, storeError } = await ask<RunList>(server, 'GET', '/runs')
  if (storeError !== undefined) terminal?.note(`the runs that are kept cannot be told: ${storeError}`)
  return runs
}

/** The run whose id begins so. @throws UserError where there is none, or there are several */
async function pick(server: Server, id: string): Promise<RunSummary> {
  const fit = (await listOf(server)).filter((run) => run.id.startsWith(id))
  const [run] = fit
  if (run === undefined)
    throw new UserError(`no run has the id ${JSON.stringify(id)}; 'vmcp runs' lists those that are known`)
  if (fit.length === 1) return run
  throw new UserError(`several runs have an id that begins so:\n${fit.map((it) => it.id).join('\n')}`)
}
