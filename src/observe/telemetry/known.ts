import type { Attributes, AttributeValue } from '../../core/trace.ts'

/** Of one metric. What comes beyond it is taken together, as OpenTelemetry has it. */
const MOST = 2_000
const OVERFLOW: Attributes = { 'otel.metric.overflow': true }

/** One thing for each set of attributes. */
export class Known<T> {
  readonly #make: (attributes: Attributes) => T
  readonly #known = new Map<string, T>()

  constructor(make: (attributes: Attributes) => T) {
    this.#make = make
  }

  of(attributes: Attributes): T {
    const present = withoutGaps(attributes)
    const key = JSON.stringify(Object.entries(present).sort(([a], [b]) => (a < b ? -1 : 1)))
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size >= MOST && !('otel.metric.overflow' in present)) return this.of(OVERFLOW)
    const made = this.#make(present)
    this.#known.set(key, made)
    return made
  }

  all(): Iterable<T> {
    return this.#known.values()
  }
}

function withoutGaps(attributes: Attributes): Attributes {
  const entries = Object.entries(attributes)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined),
  )
}
