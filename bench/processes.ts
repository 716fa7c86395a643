import type { Child } from '../test/fixtures/child.ts'
import { type Contender, type Figure, median, type Pair, type Rounds } from './bench.ts'
import type { Load } from './load.ts'

const PROCESSES = 8

/**
 * Several processes of one kind, for differences of a few microseconds: V8 makes other code and another heap of a
 * program in each process, and a call costs up to 10 µs more in one than in the next.
 */
export function several<T>(start: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: PROCESSES }, start))
}

/** A process under a load. */
export function contender(name: string, { pid, ready: url }: Child, load: Omit<Load, 'url'>): Contender {
  return { name, pid, load: { url, ...load } }
}

/** What the median of the processes of one kind is beyond that of another, in microseconds a call. */
export function beyond(what: string, processes: Rounds, pair: Pair): Figure {
  const { of, to } = mediansOf(processes, pair)
  return figure(what, { measured: of - to, unit: 'µs' }, { processes, pair })
}

/** The median of the processes of one kind to that of another. */
export function times(what: string, processes: Rounds, pair: Pair): Figure {
  const { of, to } = mediansOf(processes, pair)
  return figure(what, { measured: of / to, unit: '×' }, { processes, pair })
}

function mediansOf(processes: Rounds, { of, to }: Pair): { of: number; to: number } {
  return { of: median(processes[of] ?? []), to: median(processes[to] ?? []) }
}

function figure(
  what: string,
  value: Pick<Figure, 'measured' | 'unit'>,
  { processes, pair }: { processes: Rounds; pair: Pair },
): Figure {
  const each = [pair.of, pair.to].map((name) => `${name} ${spread(processes[name] ?? [])}`).join(', ')
  return { what, ...value, detail: each, ...(pair.limit !== undefined && { limit: pair.limit }) }
}

function spread(values: readonly number[]): string {
  const range = `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`
  return `${median(values).toFixed(1)} µs (${values.length} processes: ${range})`
}
