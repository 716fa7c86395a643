import type { Caller } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import { Asks } from '../asks.ts'
import type { LogLevel } from '../log-level.ts'
import type { RequestId } from '../message.ts'

const MAX_IN_FLIGHT = 1000

/** One legacy client session. An idle one holds little more than its caller: the rest is made when needed. */
export class Session {
  readonly id: string
  readonly caller: Caller
  /** Set by `logging/setLevel`. */
  level: LogLevel | undefined
  lastUsed = performance.now()
  #inFlight = 0
  #calls: Map<string, AbortController> | undefined
  #asks: Asks | undefined
  #endStream: (() => void) | undefined
  #streamed = false

  constructor(id: string, caller: Caller) {
    this.id = id
    this.caller = caller
  }

  /** Whether something is open that keeps the session alive. */
  get busy(): boolean {
    return this.#inFlight > 0 || this.#endStream !== undefined
  }

  get asks(): Asks {
    this.#asks ??= new Asks()
    return this.#asks
  }

  /** Registers a request, so that the client can cancel it. @throws GatewayError `rate_limited` */
  begin(id: RequestId, controller: AbortController): void {
    if (this.#inFlight >= MAX_IN_FLIGHT) {
      throw new GatewayError(
        'rate_limited',
        `the session has ${MAX_IN_FLIGHT} requests in flight; wait for one`,
      )
    }
    this.#inFlight++
    this.#calls ??= new Map()
    this.#calls.set(id.key, controller)
  }

  finish(id: RequestId, controller: AbortController): void {
    this.#inFlight--
    this.lastUsed = performance.now()
    if (this.#calls?.get(id.key) === controller) this.#calls.delete(id.key)
  }

  /** `key` is that of the request's id. */
  cancel(key: string): void {
    this.#calls?.get(key)?.abort()
  }

  /**
   * Makes a stream the one that changes are told on; one that was open before is ended. Returns whether
   * the session had a stream before, and so may have missed changes.
   */
  attach(end: () => void): boolean {
    const again = this.#streamed
    this.#endStream?.()
    this.#endStream = end
    this.#streamed = true
    return again
  }

  detach(end: () => void): void {
    if (this.#endStream !== end) return
    this.#endStream = undefined
    this.lastUsed = performance.now()
  }

  endStream(): void {
    this.#endStream?.()
  }

  /** Ends everything that hangs on the session. */
  end(): void {
    this.endStream()
    this.#asks?.rejectAll()
    const reason = new GatewayError('cancelled', 'the session ended before the request did')
    for (const controller of this.#calls?.values() ?? []) controller.abort(reason)
  }
}
