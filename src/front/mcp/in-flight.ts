import { GatewayError } from '../../core/errors.ts'
import type { RequestId } from './message.ts'

const MAX_IN_FLIGHT = 1000

/** The requests in flight of one session or connection, by id, so that the client can cancel them. */
export class InFlight {
  readonly #controllers = new Map<string, AbortController>()
  #count = 0

  get size(): number {
    return this.#count
  }

  /** @throws GatewayError `rate_limited` */
  async run<T>(id: RequestId, controller: AbortController, work: () => T | Promise<T>): Promise<T> {
    if (this.#count >= MAX_IN_FLIGHT) {
      throw new GatewayError(
        'rate_limited',
        `${MAX_IN_FLIGHT} requests are in flight already; wait for one of them`,
      )
    }
    this.#count++
    this.#controllers.set(id.key, controller)
    try {
      return await work()
    } finally {
      this.#count--
      // A client that uses an id twice at a time can cancel the later request only.
      if (this.#controllers.get(id.key) === controller) this.#controllers.delete(id.key)
    }
  }

  /** `key` is that of the request's id. */
  cancel(key: string): void {
    this.#controllers.get(key)?.abort()
  }

  abortAll(reason: Error): void {
    for (const controller of this.#controllers.values()) controller.abort(reason)
  }
}
