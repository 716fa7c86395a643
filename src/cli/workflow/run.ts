import type { CompositeToolConfig } from '../../core/composite.ts'
import type { Log } from '../../core/log.ts'
import type { Observer } from '../../core/witness.ts'
import type { RunEnd } from '../../operator/run.ts'
import { checkedArguments, typedArguments } from '../../workflows/arguments.ts'
import { outlineOf } from '../../workflows/outline.ts'
import { whileConnected } from '../connected.ts'
import type { CommandContext } from '../context.ts'
import { printDown } from '../down.ts'
import { EXIT, UserError } from '../exit.ts'
import { type GlobalOptions, openLog } from '../globals.ts'
import { principalOf, readObject } from '../principal.ts'
import type { Source } from '../source.ts'
import type { Terminal } from '../terminal.ts'
import { progressOn } from './progress.ts'
import { askPerson } from './questions.ts'

export interface RunFlags extends GlobalOptions {
  readonly arg?: Readonly<Record<string, string>>
  readonly args?: string
  readonly claims?: string
  readonly dryRun?: boolean
  readonly connect?: boolean
}

interface Chosen {
  readonly tool: CompositeToolConfig
  readonly source: Source
}

/** Rows of a terminal that does not say how many it has. */
const ROWS = 24

/** @returns the exit code: failed where the composite tool has */
export async function runWorkflow(
  { tool, source }: Chosen,
  flags: RunFlags,
  context: CommandContext,
): Promise<number> {
  const { terminal, stderrTerminal } = context
  const args = await argumentsOf(tool, flags)
  const principal = await principalOf(flags.claims, source.config)
  const log = await openLog(flags, terminal, true)
  const { runByHand } = await import('../../operator/run.ts')
  const progress = progressOn(stderrTerminal, outlineOf(tool), process.stderr.rows || ROWS)
  const person = askPerson(stderrTerminal)
  const watching: Observer = { runWitness: (seen) => progress.see(seen), async close() {} }
  // What clients see of the tools is no matter here.
  const config = { ...source.config, optimizer: undefined }
  const connection = { config, log, terminal, observers: [watching, ...(await auditOf(source, log))] }
  const end = await whileConnected(connection, async (running, signal) => {
    printDown(running.backends, terminal)
    return runByHand(running, {
      name: tool.name,
      args,
      principal,
      signal,
      async ask(message, schema, over) {
        progress.pause()
        return person(message, schema, over).finally(() => progress.resume())
      },
    }).finally(() => progress.end())
  })
  printEnd(end, flags, terminal)
  return end.ok ? EXIT.ok : EXIT.failed
}

/** Those that the composite tool takes, from what was typed. @throws UserError */
export async function argumentsOf(tool: CompositeToolConfig, { arg = {}, args }: RunFlags) {
  const typed = typedArguments(tool, arg, args === undefined ? {} : await readObject('--args', args))
  const checked = checkedArguments(tool, typed)
  if (checked.ok) return checked.value
  throw new UserError(`invalid arguments: ${checked.problem}`, EXIT.usage)
}

/** What steps do is written down where calls of clients are, unless that is where the result goes. */
async function auditOf({ config }: Source, log: Log): Promise<Observer[]> {
  if (config.audit?.logFile === undefined) return []
  const { openAudit } = await import('../../observe/open-audit.ts')
  const audit = await openAudit(config, { log })
  return audit === undefined ? [] : [audit]
}

/** What a run gave, or why it failed. */
export function printEnd(end: RunEnd, { json }: Pick<GlobalOptions, 'json'>, terminal: Terminal): void {
  const { ok, text, output, report } = end
  const cutShortBy = report?.['cutShortBy']
  if (cutShortBy !== undefined)
    terminal.note(`what comes after '${cutShortBy}' was skipped, as its answer was no`)
  if (json === true) terminal.json(ok ? { ok, output, report } : { ok, error: text, report })
  else if (ok) terminal.out(JSON.stringify(output, null, 2))
  else terminal.err(`${terminal.errorColors.red('error:')} ${text}`)
}
