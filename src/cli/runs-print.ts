import { printable } from '../observe/printable.ts'
import type { RunStepView, RunView } from '../observe/run-book.ts'
import type { RunSummary } from '../workflows/runs.ts'
import { type Column, table } from './table.ts'
import type { Colors } from './terminal.ts'

/** As much of an id as tells runs apart. */
const SHOWN = 8

export function printRuns(runs: readonly RunSummary[], colors: Colors): string {
  if (runs.length === 0) return 'no runs of composite tools'
  const columns: Column[] = [
    { title: 'RUN', paint: colors.bold },
    { title: 'TOOL' },
    { title: 'CALLER' },
    { title: 'STATE', paint: (text) => paint(text, colors) },
    { title: 'STEPS', align: 'right' },
    { title: 'BEGAN' },
    { title: 'TIME', align: 'right' },
    { title: 'ERROR' },
  ]
  return table(columns, runs.map(cells))
}

function cells(run: RunSummary): string[] {
  const { id, workflow, caller, state, done, total, began, durationMs, error } = run
  return [
    ...[id.slice(0, SHOWN), workflow, caller, state, `${done}/${total}`],
    ...[began, seconds(durationMs), error?.message ?? ''],
  ]
}

export function printRun(run: RunView, colors: Colors): string {
  const { id, workflow, caller, state, began, durationMs, error, resumed } = run
  const head = [
    `${colors.bold(printable(workflow))} ${paint(state, colors)} (run ${id})`,
    `began ${began} for ${printable(caller)}, ${seconds(durationMs)}${resumed ? ', resumed' : ''}`,
    ...(error === undefined ? [] : [colors.red(printable(error.message))]),
  ]
  const columns: Column[] = [
    { title: 'STEP', paint: colors.bold },
    { title: 'TYPE' },
    { title: 'TOOL' },
    { title: 'STATUS', paint: (text) => paint(text, colors) },
    { title: 'BEGAN' },
    { title: 'TIME', align: 'right' },
    { title: 'RETRIES', align: 'right' },
    { title: 'ERROR' },
  ]
  return [...head, table(columns, run.steps.map(stepCells))].join('\n')
}

function stepCells({
  id,
  type,
  tool,
  status,
  began,
  durationMs,
  retries,
  error,
  earlier,
}: RunStepView): string[] {
  return [
    ...[id, type, tool ?? '', status, earlier ? 'earlier' : (began ?? '')],
    ...[durationMs === undefined ? '' : seconds(durationMs), retries === undefined ? '' : String(retries)],
    error?.message ?? '',
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

const GOOD = new Set(['completed'])
const BAD = new Set(['failed', 'timed_out'])
const PLAIN = new Set(['pending', 'skipped', 'cancelled'])

function paint(text: string, colors: Colors): string {
  if (GOOD.has(text)) return colors.green(text)
  if (BAD.has(text)) return colors.red(text)
  return PLAIN.has(text) ? text : colors.yellow(text)
}

/** A line for each run, for logs and pipes. Without what changes all the time. */
export function runLines(runs: readonly RunSummary[]): ReadonlyMap<string, string> {
  return new Map(
    runs.map(({ id, workflow, caller, state, done, total, error }) => {
      const facts = `workflow=${workflow} caller=${JSON.stringify(caller)} state=${state} steps=${done}/${total}`
      return [`run ${id}`, `run=${id} ${facts}${errorOf(error)}`]
    }),
  )
}

export function stepLines({ id, workflow, state, steps, error }: RunView): ReadonlyMap<string, string> {
  const lines = steps.map((step): [string, string] => {
    return [`step ${step.id}`, `step=${step.id} status=${step.status}${errorOf(step.error)}`]
  })
  return new Map([['run', `run=${id} workflow=${workflow} state=${state}${errorOf(error)}`], ...lines])
}

function errorOf(error: RunView['error']): string {
  return error === undefined ? '' : ` error=${JSON.stringify(error.message)}`
}
