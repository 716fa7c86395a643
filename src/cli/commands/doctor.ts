import { type Command, Option } from 'commander'
import type { Diagnostic } from '../../config/diagnostics.ts'
import type { GatewayConfig } from '../../core/config.ts'
import { printable } from '../../observe/printable.ts'
import type { Diagnosis } from '../../operator/doctor.ts'
import type { Check, Read } from '../checks.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit.ts'
import { type GlobalOptions, openLog } from '../globals.ts'
import { duration, port } from '../options.ts'
import type { SourceOptions } from '../source.ts'
import { withSourceOptions } from '../source-options.ts'
import type { Terminal } from '../terminal.ts'

interface DoctorFlags extends GlobalOptions, SourceOptions {
  readonly host: string
  readonly port: number
  readonly wait: number
}

export function registerDoctor(program: Command, context: CommandContext): void {
  const command = program
    .command('doctor')
    .description('try every backend, and say in words what is wrong and what to do')
  withSourceOptions(command)
    .option('--host <address>', 'address that serve is to listen on', '127.0.0.1')
    .option('--port <number>', 'port that serve is to listen on', port, 4483)
    .addOption(
      new Option('--wait <time>', 'for a backend to answer, e.g. 30s')
        .argParser(duration)
        .default(10_000, '10s'),
    )
    .action(async () => {
      const flags = command.optsWithGlobals<DoctorFlags>()
      const report = await examine(flags, context.terminal)
      if (flags.json === true) context.terminal.json(report)
      else await print(report, context.terminal)
      context.exitCode = report.ok ? EXIT.ok : EXIT.failed
    })
}

interface Report {
  readonly ok: boolean
  readonly machine: readonly Check[]
  /** Of the configuration; errors among them keep the backends from being tried. */
  readonly diagnostics: readonly Diagnostic[]
  readonly notes: readonly string[]
  readonly backends: readonly Diagnosis[]
}

async function examine(flags: DoctorFlags, terminal: Terminal): Promise<Report> {
  const { checkNode, checkPort, readSource } = await import('../checks.ts')
  const read = await readSource(flags)
  const machine = [checkNode(), await checkPort(flags.port, flags.host, process.env)]
  const tried =
    read.config === undefined ? undefined : await tryBackends(read.config, { read, flags, terminal })
  const diagnostics = [...read.diagnostics, ...(tried?.diagnostics ?? [])]
  const backends = tried?.backends ?? []
  const ok =
    machine.every((check) => check.ok) &&
    diagnostics.every(({ severity }) => severity !== 'error') &&
    backends.every(({ works }) => works)
  return { ok, machine, diagnostics, notes: read.notes, backends }
}

interface Circumstances {
  readonly read: Read
  readonly flags: DoctorFlags
  readonly terminal: Terminal
}

async function tryBackends(
  config: GatewayConfig,
  { read: { source }, flags, terminal }: Circumstances,
): Promise<{ backends: Diagnosis[]; diagnostics: Diagnostic[] }> {
  const log = await openLog({ ...flags, logLevel: flags.logLevel ?? 'error' }, terminal)
  const { whileMade } = await import('../connected.ts')
  return whileMade({ config, log, terminal }, async (running, signal) => {
    const { diagnose } = await import('../../operator/doctor.ts')
    const { judge } = await import('../judged.ts')
    const backends = await diagnose(running, { waitMs: flags.wait, signal })
    const diagnostics = source === undefined ? [] : await judge(running, { config, source })
    return { backends, diagnostics }
  })
}

async function print({ machine, diagnostics, notes, backends }: Report, terminal: Terminal): Promise<void> {
  const { colors, out } = terminal
  const good = colors.green('✓')
  const bad = colors.red('✗')
  for (const { ok, seen, mend } of machine) {
    out(`${ok ? good : bad} ${seen}`)
    if (mend !== undefined) out(`    ${mend}`)
  }
  const { formatDiagnostics } = await import('../../config/diagnostics.ts')
  const isValid = diagnostics.every(({ severity }) => severity !== 'error')
  out(`${isValid ? good : bad} the configuration ${isValid ? 'is valid' : 'is not valid'}`)
  if (diagnostics.length > 0)
    out(formatDiagnostics(diagnostics, { color: colors.isColorSupported }).trimEnd().replace(/^/gm, '    '))
  for (const note of notes) terminal.note(note)
  for (const diagnosis of backends) printBackend(diagnosis, terminal)
  const working = backends.filter(({ works }) => works).length
  if (backends.length > 0) out(`${working} of ${backends.length} backends work`)
}

function printBackend(
  { backend, works, tookMs = 0, era, revision, tools, reserved, finding }: Diagnosis,
  terminal: Terminal,
): void {
  const { colors, out } = terminal
  const name = colors.bold(backend)
  const what = reserved ? 'it shows what it has to callers alone' : `${era}, ${revision}, ${tools} tools`
  if (works) out(`${colors.green('✓')} ${name}: ${what}, ${(tookMs / 1000).toFixed(1)} s`)
  if (finding === undefined) return
  const mark = works ? colors.yellow('!') : colors.red('✗')
  out(`${mark} ${name}: ${printable(finding.seen)}`)
  out(`    ${printable(finding.mend)}`)
}
