import type { Command } from 'commander'
import type { Diagnostic } from '../../config/diagnostics.ts'
import type { SourceIndex } from '../../config/source.ts'
import { GatewayError } from '../../core/errors.ts'
import type { CommandContext } from '../context.ts'
import { ConfigError, EXIT, usageError } from '../exit.ts'
import { type GlobalOptions, openLog } from '../globals.ts'
import { machineFaults } from '../machine.ts'
import { type Loaded, withGroup } from '../source.ts'
import type { Terminal } from '../terminal.ts'

interface ValidateFlags extends GlobalOptions {
  readonly connect?: boolean
}

export function registerValidate(program: Command, context: CommandContext): void {
  program
    .command('validate')
    .description('check a configuration file for everything that serve would refuse')
    .argument('[file]', 'the file, as --config names it')
    .option('--connect', 'connect the backends too, and check names and filters against what they offer')
    .action(async (file: string | undefined, _, command: Command) => {
      const flags = command.optsWithGlobals<ValidateFlags>()
      const named = file ?? flags.config
      if (named === undefined) throw usageError('no configuration file specified, use --config flag')
      context.exitCode = await validate(named, flags, context)
    })
}

async function validate(file: string, flags: ValidateFlags, context: CommandContext): Promise<number> {
  const { loadConfig } = await import('../../config/index.ts')
  const loaded = await loadConfig(file, { env: process.env })
  const further = loaded.ok ? await furtherChecks(loaded, flags, context) : []
  const here = loaded.ok ? await machineFaults(loaded.source) : []
  const diagnostics = [...loaded.diagnostics, ...here, ...further]
  const valid = diagnostics.every(({ severity }) => severity !== 'error')
  const summary = loaded.ok ? summaryOf(loaded) : undefined
  if (flags.json === true) context.terminal.json({ valid, ...summary, diagnostics })
  else if (!valid || summary === undefined) throw new ConfigError(diagnostics)
  else await print(summary, diagnostics, context.terminal)
  return valid ? EXIT.ok : EXIT.config
}

/** What this machine and, if asked, the backends say to it. */
async function furtherChecks(
  loaded: Loaded,
  flags: ValidateFlags,
  { terminal }: CommandContext,
): Promise<Diagnostic[]> {
  const { source } = loaded
  const group = await withGroup(loaded).catch((error: unknown) => GatewayError.from(error))
  if (group instanceof GatewayError) return [elsewhere(group, source)]
  if (flags.connect !== true) {
    const { lint } = await import('../../config/index.ts')
    return lint(group.config, source, new Map())
  }
  const { checkConnected } = await import('../judged.ts')
  const log = await openLog(flags, terminal, true)
  group.notes.forEach(terminal.note)
  return checkConnected({ config: group.config, source, log, terminal })
}

/** The file may be meant for another machine, which knows the group. */
function elsewhere({ message }: GatewayError, source: SourceIndex): Diagnostic {
  const place = { file: source.file, ...source.at(['groupRef']), path: 'groupRef' }
  return { ...place, severity: 'warning', message: `serve would fail on this machine: ${message}` }
}

function summaryOf({ config, source }: Loaded) {
  const auths = Object.keys(source.value(['outgoingAuth', 'backends']) ?? {}).length
  const outgoing = auths === 0 ? 'default only' : `${auths} backends configured`
  const composites = source.value(['compositeTools'])
  return {
    name: config.name,
    group: config.group ?? null,
    incomingAuth: String(source.value(['incomingAuth', 'type']) ?? 'anonymous'),
    outgoingAuth: `${outgoing}, ${source.value(['outgoingAuth', 'source']) ?? 'discovered'}`,
    conflictResolution: config.aggregation.strategy.type,
    compositeTools: Array.isArray(composites) ? composites.length : 0,
  }
}

async function print(
  summary: ReturnType<typeof summaryOf>,
  diagnostics: readonly Diagnostic[],
  terminal: Terminal,
): Promise<void> {
  const { formatDiagnostics } = await import('../../config/diagnostics.ts')
  const { colors } = terminal
  terminal.out(`${colors.green('✓')} Configuration is valid`)
  const rows = [
    ['Name', summary.name],
    ['Group', summary.group ?? '(none)'],
    ['Incoming Auth', summary.incomingAuth],
    ['Outgoing Auth', summary.outgoingAuth],
    ['Conflict Resolution', summary.conflictResolution],
    ['Composite Tools', String(summary.compositeTools)],
  ]
  for (const [title, value] of rows) terminal.out(`  ${title}: ${value}`)
  terminal.write(formatDiagnostics(diagnostics, { color: terminal.errorColors.isColorSupported }))
}
