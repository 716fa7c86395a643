import type { Catalog } from '../../core/catalog.ts'
import { printExact } from '../../core/exact.ts'

/** Counts the tokens of one tool's JSON. */
export type CountTokens = (json: string) => number

/** A quarter of the length, as other gateways count. */
export const quarter: CountTokens = (json) => Math.floor(json.length / 4)

/** What a search saves against the whole list. */
export interface TokenMetrics {
  readonly baseline_tokens: number
  readonly returned_tokens: number
  readonly savings_percent: number
}

/** Hears of each search how many tools it returned, and what share of the tokens it saved, in percent. */
export type Returned = (tools: number, savings: number) => void

export class TokenMeter {
  readonly #count: CountTokens
  readonly #returned: Returned | undefined
  readonly #baselines = new WeakMap<Catalog, number>()

  constructor(count: CountTokens, returned?: Returned) {
    this.#count = count
    this.#returned = returned
  }

  /** @param returned the JSON of each tool as it is returned */
  measure(catalog: Catalog, returned: readonly string[]): TokenMetrics {
    const baseline = this.#baselineOf(catalog)
    const tokens = returned.reduce((sum, json) => sum + this.#count(json), 0)
    const savings = baseline === 0 ? 0 : (100 * (baseline - tokens)) / baseline
    this.#returned?.(returned.length, savings)
    return { baseline_tokens: baseline, returned_tokens: tokens, savings_percent: savings }
  }

  #baselineOf(catalog: Catalog): number {
    const known = this.#baselines.get(catalog)
    if (known !== undefined) return known
    const baseline = catalog.tools.reduce(
      (sum, { definition }) => sum + this.#count(printExact(definition)),
      0,
    )
    this.#baselines.set(catalog, baseline)
    return baseline
  }
}
