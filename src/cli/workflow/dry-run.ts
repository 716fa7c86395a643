import type { Catalog } from '../../core/catalog.ts'
import type { CompositeToolConfig } from '../../core/composite.ts'
import { printable } from '../../observe/printable.ts'
import { type Preview, type PreviewStep, previewOf } from '../../workflows/preview.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit.ts'
import { openLog } from '../globals.ts'
import type { Source } from '../source.ts'
import type { Colors, Terminal } from '../terminal.ts'
import { bare } from './labels.ts'
import { argumentsOf, type RunFlags } from './run.ts'

interface Chosen {
  readonly tool: CompositeToolConfig
  readonly source: Source
}

/** Prints what a run would do. @returns the exit code: failed where it is known that it would fail */
export async function dryRun(
  { tool, source }: Chosen,
  flags: RunFlags,
  context: CommandContext,
): Promise<number> {
  const { terminal } = context
  const args = await argumentsOf(tool, flags)
  const catalog = flags.connect === true ? await catalogOf(source, flags, terminal) : undefined
  const preview = previewOf(tool, args, catalog)
  if (flags.json === true) terminal.json({ name: tool.name, ...preview })
  else terminal.out(textOf(preview, terminal.colors))
  return preview.ok ? EXIT.ok : EXIT.failed
}

async function catalogOf({ config }: Source, flags: RunFlags, terminal: Terminal): Promise<Catalog> {
  const { whileConnected } = await import('../connected.ts')
  const log = await openLog(flags, terminal, true)
  return whileConnected({ config, log, terminal }, ({ catalog }) => catalog)
}

function textOf({ arguments: args, waves }: Preview, colors: Colors): string {
  const known = Object.entries(args).map(([name, value]) => `  ${printable(name)}: ${shown(value)}`)
  const steps = waves.flatMap((wave, at) => [
    `${at + 1}.`,
    ...wave.flatMap((step) =>
      stepLines(step, colors).map((line, i) => (i === 0 ? `  ${line}` : `    ${line}`)),
    ),
  ])
  return [
    colors.bold('arguments'),
    ...(known.length === 0 ? ['  none'] : known),
    colors.bold('steps'),
    ...steps,
  ].join('\n')
}

function stepLines(step: PreviewStep, colors: Colors): string[] {
  const { id, type, tool, calls, dependsOn, runs, condition, faults } = step
  const what = tool === undefined ? 'asks' : `${type === 'forEach' ? 'for each item ' : ''}${printable(tool)}`
  const name = runs === 'no' ? colors.dim(printable(id)) : colors.bold(printable(id))
  return [
    `${name}  ${what}${calls === undefined ? '' : colors.dim(` (${printable(`${calls.name} of ${calls.backend}${calls.hidden ? ', hidden' : ''}`)})`)}`,
    ...(dependsOn.length > 0 ? [`after ${printable(dependsOn.join(', '))}`] : []),
    ...(condition === undefined ? [] : [`${RUNS[runs]} ${printable(bare(condition))}`]),
    ...draftLines(step),
    ...faults.map((fault) => colors.red(`fails: ${printable(fault)}`)),
  ]
}

const RUNS: Readonly<Record<PreviewStep['runs'], string>> = {
  yes: 'runs, since it is true that',
  no: 'is skipped, since it is false that',
  maybe: 'runs if',
}

function draftLines({ message, collection, arguments: args }: PreviewStep): string[] {
  const waits = (draft: { readonly waitsFor: readonly string[] } | undefined) =>
    (draft?.waitsFor.length ?? 0) > 0
  const members = Object.entries((args?.value ?? {}) as Readonly<Record<string, unknown>>)
  return [
    ...(message === undefined ? [] : [`message: ${shown(message.value, waits(message))}`]),
    ...(collection === undefined ? [] : [`items: ${shown(listIn(collection.value), waits(collection))}`]),
    ...members.map(([name, value]) => `${printable(name)}: ${shown(value, waits(args))}`),
  ]
}

/** The list that a text is the JSON of. */
function listIn(value: unknown): unknown {
  if (typeof value !== 'string' || value.includes('{{')) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

/** What has parts that mean nothing alone. */
const BLOCK = /\{\{-?\s*(range|if|with|else|end|define|block|template|break|continue|\$)/

/** As JSON, with what is not known yet between angle quotation marks. */
function shown(value: unknown, waits = false): string {
  const text = printable(JSON.stringify(value) ?? 'null')
  if (!waits || BLOCK.test(text)) return text
  const marked = text.replaceAll(/\{\{-?\s*([\s\S]*?)\s*-?\}\}/g, (_, action: string) => `‹${action}›`)
  return /^"‹[^‹›]*›"$/.test(marked) ? marked.slice(1, -1) : marked
}
