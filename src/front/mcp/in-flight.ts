import { GatewayError } from '../../core/errors.ts'
import type { Cancel } from './cancel.ts'
import type { RequestId } from './message.ts'

const MAX_IN_FLIGHT = 1000

/** The requests in flight of one session or connection, by id, so that the client can cancel them. */
export class InFlight {
  readonly #cancels = new Map<string, Cancel>()
  #count = 0

  get size(): number {
    return this.#count
  }

  /** @throws GatewayError `rate_limited` */
  begin(id: RequestId, cancel: Cancel): void {
    if (this.#count >= MAX_IN_FLIGHT) {
      throw new GatewayError(
        'rate_limited',
        `${MAX_IN_FLIGHT} requests are in flight already; wait for one of them`,
      )
    }
    this.#count++
    this.#cancels.set(id.key, cancel)
  }

  finish(id: RequestId, cancel: Cancel): void {
    this.#count--
    // A client that uses an id twice at a time can cancel the later request only.
    if (this.#cancels.get(id.key) === cancel) this.#cancels.delete(id.key)
  }

  /** `key` is that of the request's id. */
  cancel(key: string): void {
    this.#cancels.get(key)?.abort()
  }

  abortAll(reason: Error): void {
    for (const cancel of this.#cancels.values()) cancel.abort(reason)
  }
}
