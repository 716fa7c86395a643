import type { ToolItem } from '../../src/core/catalog.ts'
import { type Collection, SearchIndex } from '../../src/engines/search/index.ts'
import { keyed } from '../../src/layers/optimizer/entry.ts'

export interface Cost {
  readonly tools: number
  readonly indexMs: number
  /** Of the heap, after collecting garbage, without the catalogue itself. */
  readonly indexMb: number
  /** CPU, µs. */
  readonly queryMedian: number
  readonly queryWorst: number
}

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
  // The code is warm now; nothing is remembered for another collection.
  const cold: Collection = { items: collection.items }
  index.prepare(cold)
  const times = questions.map((question) => {
    const start = process.cpuUsage()
    index.search(cold, question, 8)
    return micros(start)
  })
  times.sort((a, b) => a - b)
  const [queryMedian = 0, queryWorst = 0] = [times[times.length >> 1], times.at(-1)]
  return { tools: tools.length, indexMs, indexMb, queryMedian, queryWorst }
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
