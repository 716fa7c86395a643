import type { ToolItem } from '../../src/core/catalog.ts'
import { type Collection, SearchIndex } from '../../src/engines/search/index.ts'
import { keyed } from '../../src/layers/optimizer/entry.ts'

export interface Cost {
  readonly tools: number
  readonly indexMs: number
  /** Of the heap, after collecting garbage, without the catalogue itself. */
  readonly indexMb: number
  /** CPU of a question, µs: of all questions the median, the 95th percentile and the greatest. */
  readonly query: Readonly<Record<'median' | 'p95' | 'greatest', number>>
  /** The greatest of all single measurements: with whatever else the process did meanwhile, such as collecting garbage. */
  readonly queryOnce: number
}

/** Each question is asked so often, and the median is what it costs. */
const ROUNDS = 5

/** What it costs to index a catalogue and to ask it. `node --expose-gc` makes the memory exact. */
export function cost(tools: readonly ToolItem[], questions: readonly string[]): Cost {
  const before = heap()
  const from = process.cpuUsage()
  const index = new SearchIndex()
  const collection: Collection = { items: tools.map(keyed) }
  index.prepare(collection)
  const indexMs = micros(from) / 1000
  const indexMb = (heap() - before) / 1e6
  for (const question of questions) index.search(collection, question, 8)
  // The code is warm now; in each round nothing is remembered of the one before.
  const times: number[][] = questions.map(() => [])
  for (let round = 0; round < ROUNDS; round++) {
    const cold: Collection = { items: collection.items }
    index.prepare(cold)
    questions.forEach((question, at) => {
      const start = process.cpuUsage()
      index.search(cold, question, 8)
      times[at]?.push(micros(start))
    })
  }
  const each = sorted(times.map((it) => part(sorted(it), 0.5)))
  const query = { median: part(each, 0.5), p95: part(each, 0.95), greatest: part(each, 1) }
  return { tools: tools.length, indexMs, indexMb, query, queryOnce: Math.max(...times.flat()) }
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}

function part(ordered: readonly number[], share: number): number {
  return ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? 0
}

function micros(from: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(from)
  return user + system
}

function heap(): number {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
