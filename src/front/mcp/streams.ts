import { GatewayError } from '../../core/errors.ts'

/** The long-lived streams of a kind that are open, so that they can be counted and ended properly. */
export class Streams {
  readonly #max: number
  readonly #open = new Set<() => void>()

  constructor(max: number) {
    this.#max = max
  }

  /** `end` ends the stream properly. Returns what to call when it has ended. @throws GatewayError `rate_limited` */
  open(end: () => void): () => void {
    if (this.#open.size >= this.#max) {
      throw new GatewayError(
        'rate_limited',
        `no more than ${this.#max} subscriptions can be open; close one first`,
      )
    }
    this.#open.add(end)
    return () => this.#open.delete(end)
  }

  endAll(): void {
    for (const end of [...this.#open]) end()
  }
}
