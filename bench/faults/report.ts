import type { Fault } from '../../test/fixtures/toxic.ts'
import type { Figure } from '../bench.ts'
import { formatFigure, isOver, tableHead } from '../table.ts'
import type { Made } from './calls.ts'

export interface Findings {
  /** With all wires in order. */
  readonly usual: readonly Made[]
  readonly good: readonly Made[]
  readonly faulty: readonly (Made & { readonly fault: Fault })[]
  readonly timeoutMs: number
  readonly backAfterMs: number
  readonly memory: { readonly before: number; readonly after: number }
  readonly json: boolean
}

const MB = 1024 * 1024
/** What a call may take beyond its time-out: the machine is busy too. */
const GRACE_MS = 250

/** Prints what was found. @returns the exit code: 1 when a promise was broken */
export function report(findings: Findings): number {
  const figures = figuresOf(findings)
  const errors = errorsOf(findings)
  if (findings.json)
    process.stdout.write(`${JSON.stringify({ node: process.version, figures, errors }, null, 2)}\n`)
  else {
    process.stdout.write(tableHead())
    for (const figure of figures) process.stdout.write(formatFigure(figure))
    process.stdout.write('\nWhat calls of faulty backends were told, by fault:\n')
    for (const { fault, count, error } of errors)
      process.stdout.write(`${fault.padEnd(9)}${String(count).padStart(6)}  ${error}\n`)
  }
  return figures.some(isOver) ? 1 : 0
}

function figuresOf({ usual, good, faulty, timeoutMs, backAfterMs, memory }: Findings): Figure[] {
  const [usualMs, goodMs] = [usual, good].map((calls) => quantile(calls, 0.99)) as [number, number]
  const failed = [...usual, ...good].filter(({ error }) => error !== undefined)
  const unnamed = faulty.filter(
    ({ backend, error }) => error !== undefined && !error.includes(`'${backend}'`),
  )
  const answered = faulty.filter(({ error }) => error === undefined)
  const slowest = Math.max(...faulty.map(({ tookMs }) => tookMs))
  return [
    {
      what: `${usual.length + good.length} calls of good backends: failed`,
      measured: failed.length,
      limit: 0,
      unit: 'calls',
      detail: failed[0]?.error ?? 'none',
    },
    {
      what: 'p99 of good backends while others fail, to the usual',
      measured: goodMs / usualMs,
      limit: 1.5,
      unit: '×',
      detail: `${goodMs.toFixed(1)} ms to ${usualMs.toFixed(1)} ms; medians ${quantile(good, 0.5).toFixed(1)} to ${quantile(usual, 0.5).toFixed(1)} ms`,
    },
    {
      what: `${faulty.length} calls of faulty backends: the slowest error`,
      measured: slowest,
      limit: timeoutMs + GRACE_MS,
      unit: 'ms',
      detail: `time-out ${timeoutMs} ms; median ${quantile(faulty, 0.5).toFixed(0)} ms`,
    },
    {
      what: 'the same: errors that do not name the backend',
      measured: unnamed.length,
      limit: 0,
      unit: 'calls',
      detail: unnamed[0]?.error ?? `none; ${answered.length} calls were answered all the same`,
    },
    {
      what: 'all faulty backends answer again after',
      measured: backAfterMs,
      limit: 15_000,
      unit: 'ms',
      detail: 'from the moment the wires are in order',
    },
    {
      what: 'memory afterwards, to before',
      measured: memory.after / memory.before,
      limit: 1.1,
      unit: '×',
      detail: `RSS ${(memory.before / MB).toFixed(1)} → ${(memory.after / MB).toFixed(1)} MB`,
    },
  ]
}

function quantile(calls: readonly Made[], share: number): number {
  const times = calls.map(({ tookMs }) => tookMs).sort((a, b) => a - b)
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
}

interface Told {
  readonly fault: Fault
  readonly error: string
  readonly count: number
}

function errorsOf({ faulty }: Findings): Told[] {
  const counts = new Map<string, Told>()
  for (const { fault, backend, error } of faulty) {
    const text = (error ?? 'an answer')
      .replaceAll(backend, 'f')
      .replaceAll(/:\d{4,5}\b/g, ':PORT')
      .replaceAll(/within \d+ ms/g, 'within N ms')
    const key = `${fault} ${text}`
    counts.set(key, { fault, error: text, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()].sort((a, b) => a.fault.localeCompare(b.fault) || b.count - a.count)
}
