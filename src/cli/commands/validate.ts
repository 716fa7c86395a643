import type { Command } from 'commander'
import type { Diagnostic } from '../../config/diagnostics.ts'
import type { SourceIndex } from '../../config/source.ts'
import type { GatewayConfig } from '../../core/config.ts'
import { ConfigError, EXIT, usageError } from '../exit.ts'
import { type GlobalOptions, openLog } from '../globals.ts'
import type { CommandContext } from '../program.ts'
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
  const connected =
    loaded.ok && flags.connect === true ? await connect(loaded.config, loaded.source, flags, context) : []
  const diagnostics = [...loaded.diagnostics, ...connected]
  const valid = diagnostics.every(({ severity }) => severity !== 'error')
  const summary = loaded.ok ? summaryOf(loaded.config) : undefined
  if (flags.json === true) context.terminal.json({ valid, ...summary, diagnostics })
  else if (!valid || summary === undefined) throw new ConfigError(diagnostics)
  else await print(summary, diagnostics, context.terminal)
  return valid ? EXIT.ok : EXIT.config
}

/** What only the backends can tell. */
async function connect(
  config: GatewayConfig,
  source: SourceIndex,
  flags: ValidateFlags,
  { terminal }: CommandContext,
): Promise<Diagnostic[]> {
  const { checkConnected } = await import('../connected.ts')
  const log = await openLog(flags, terminal, true)
  return checkConnected({ config, source, log, terminal })
}

function summaryOf(config: GatewayConfig) {
  const injected = config.backends.filter(({ auth }) => auth.type !== 'unauthenticated').length
  return {
    name: config.name,
    group: config.group ?? null,
    incomingAuth: 'anonymous',
    outgoingAuth: injected === 0 ? 'default only' : `${injected} backends configured`,
    conflictResolution: config.aggregation.strategy.type,
    compositeTools: 0,
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
