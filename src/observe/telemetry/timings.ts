import type { Histogram } from '@opentelemetry/sdk-metrics'
import type { Recorder } from '../../core/meter.ts'
import type { Attributes } from '../../core/trace.ts'

/**
 * In seconds: those of the conventions for MCP (OpenTelemetry, `mcp.server.operation.duration`), and finer ones,
 * since most calls through a gateway take less than the least of them.
 */
export const SECONDS: readonly number[] = [
  ...[0.001, 0.002, 0.005],
  ...[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
]

/** How long something took, or how much it was, of one set of attributes. */
export class Distribution {
  readonly attributes: Attributes
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #count = 0
  #sum = 0

  /** @param bounds upper ones of the buckets */
  constructor(attributes: Attributes, bounds: readonly number[]) {
    this.attributes = attributes
    this.#bounds = bounds
    this.#counts = new Array<number>(bounds.length + 1).fill(0)
  }

  readonly record: Recorder = (value) => {
    let bucket = 0
    while (value > (this.#bounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#count++
    this.#sum += value
  }

  /** A copy of now. */
  get histogram(): Histogram {
    const buckets = { boundaries: [...this.#bounds], counts: [...this.#counts] }
    return { buckets, count: this.#count, sum: this.#sum }
  }
}
