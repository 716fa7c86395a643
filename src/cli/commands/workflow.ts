import { type Command, Option } from 'commander'
import type { CompositeToolConfig } from '../../core/composite.ts'
import type { CommandContext } from '../context.ts'
import { UserError, usageError } from '../exit.ts'
import type { GlobalOptions } from '../globals.ts'
import { pairs } from '../options.ts'
import { loadSource, type Source, tellOf } from '../source.ts'
import type { Terminal } from '../terminal.ts'
import type { RunFlags } from '../workflow/run.ts'

interface GraphFlags extends GlobalOptions {
  readonly format?: 'picture' | 'mermaid'
}

export function registerWorkflow(program: Command, context: CommandContext): void {
  const workflow = program.command('workflow').description('draw and try composite tools')
  workflow
    .command('graph <name>')
    .description('draw the steps of a composite tool and what waits for what, without connecting to anything')
    .addOption(
      new Option(
        '--format <format>',
        'a picture in characters (the default on a terminal), or a flowchart for Mermaid',
      ).choices(['picture', 'mermaid']),
    )
    .action(async (name: string, _, command: Command) => {
      await graph(name, command.optsWithGlobals<GraphFlags>(), context.terminal)
    })
  workflow
    .command('run <name>')
    .description('run a composite tool, and answer at the prompt what it asks; its result goes to stdout')
    .addOption(
      new Option(
        '--arg <name=value>',
        'an argument; text becomes what the parameter asks for; repeatable',
      ).argParser(pairs),
    )
    .option('--args <json>', 'all arguments as a JSON object, or @ and a file that holds one')
    .option('--claims <json>', 'claims of whoever it is run for, as JSON, or @ and a file')
    .option(
      '--dry-run',
      'call nothing: print which steps would run when, and with what as far as it is known',
    )
    .option('--connect', 'with --dry-run, connect the backends and look at their tools')
    .action(async (name: string, _, command: Command) => {
      context.exitCode = await run(name, command.optsWithGlobals<RunFlags>(), context)
    })
}

async function run(name: string, flags: RunFlags, context: CommandContext): Promise<number> {
  const chosen = await compositeNamed(name, flags, context.terminal)
  if (flags.dryRun === true) {
    const { dryRun } = await import('../workflow/dry-run.ts')
    return dryRun(chosen, flags, context)
  }
  if (flags.connect === true) throw usageError('--connect goes with --dry-run')
  const { runWorkflow } = await import('../workflow/run.ts')
  return runWorkflow(chosen, flags, context)
}

async function graph(name: string, flags: GraphFlags, terminal: Terminal): Promise<void> {
  const { tool } = await compositeNamed(name, flags, terminal)
  const { outlineOf } = await import('../../workflows/outline.ts')
  const outline = outlineOf(tool)
  if (flags.json === true) return terminal.json(outline)
  const { drawn } = await import('../workflow/drawn.ts')
  terminal.out(drawn(outline, { format: flags.format, columns: terminal.columns, env: process.env }))
}

/** @throws UserError, ConfigError */
async function compositeNamed(
  name: string,
  { config: file }: GlobalOptions,
  terminal: Terminal,
): Promise<{ readonly tool: CompositeToolConfig; readonly source: Source }> {
  if (file === undefined) throw usageError('no configuration file specified, use --config flag')
  const source = await loadSource({ config: file })
  await tellOf(source, terminal, terminal.note)
  const tools = source.config.compositeTools ?? []
  const tool = tools.find((one) => one.name === name)
  if (tool !== undefined) return { tool, source }
  const names = tools.map((one) => one.name).sort()
  throw new UserError(
    names.length === 0
      ? `${file} has no composite tools`
      : `no composite tool is called '${name}'; there are ${names.join(', ')}`,
  )
}
