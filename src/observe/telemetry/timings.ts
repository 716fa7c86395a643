import type { Histogram } from '@opentelemetry/sdk-metrics'
import type { Recorder } from '../../core/meter.ts'
import type { Attributes } from '../../core/trace.ts'

/**
 * In seconds: those of the conventions for MCP (OpenTelemetry, `mcp.server.operation.duration`), and finer ones,
 * since most calls through a gateway take less than the least of them.
 */
const BOUNDARIES = [
  ...[0.001, 0.002, 0.005],
  ...[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
]

/** How long something took, of one set of attributes. */
export class Timings {
  readonly attributes: Attributes
  readonly #counts: number[] = new Array<number>(BOUNDARIES.length + 1).fill(0)
  #count = 0
  #sum = 0

  constructor(attributes: Attributes) {
    this.attributes = attributes
  }

  readonly record: Recorder = (seconds) => {
    let bucket = 0
    while (seconds > (BOUNDARIES[bucket] ?? Number.POSITIVE_INFINITY)) bucket++
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#count++
    this.#sum += seconds
  }

  /** A copy of now. */
  get histogram(): Histogram {
    const buckets = { boundaries: BOUNDARIES, counts: [...this.#counts] }
    return { buckets, count: this.#count, sum: this.#sum }
  }
}
