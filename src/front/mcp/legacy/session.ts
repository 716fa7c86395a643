import type { Notice } from '../../../core/call.ts'
import type { Caller } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import { Asks } from '../asks.ts'
import type { Cancel } from '../cancel.ts'
import { InFlight } from '../in-flight.ts'
import type { LogLevel } from '../log-level.ts'
import type { RequestId } from '../message.ts'
import { Subscriptions } from './subscriptions.ts'
import { TaskBook } from './task-book.ts'

/** @returns whether it could be sent */
type Tell = (notice: Notice) => boolean

/** One legacy client session. An idle one holds little more than its caller: the rest is made when needed. */
export class Session {
  readonly id: string
  #caller: Caller
  lastUsed = performance.now()
  #inFlight: InFlight | undefined
  #asks: Asks | undefined
  #subscriptions: Subscriptions | undefined
  #tasks: TaskBook | undefined
  /** Sends on the stream that is open. */
  #tell: Tell | undefined
  #endStream: (() => void) | undefined
  #streamed = false

  constructor(id: string, caller: Caller) {
    this.id = id
    this.#caller = caller
  }

  get caller(): Caller {
    return this.#caller
  }

  /** `logging/setLevel`. */
  setLevel(logLevel: LogLevel): void {
    this.#caller = { ...this.#caller, logLevel }
  }

  get subscriptions(): Subscriptions {
    this.#subscriptions ??= new Subscriptions((notice) => this.#tell?.(notice) ?? false)
    return this.#subscriptions
  }

  get tasks(): TaskBook {
    this.#tasks ??= new TaskBook()
    return this.#tasks
  }

  /** Whether something is open that keeps the session alive. */
  get busy(): boolean {
    return this.#endStream !== undefined || (this.#inFlight?.size ?? 0) > 0
  }

  get asks(): Asks {
    this.#asks ??= new Asks()
    return this.#asks
  }

  /** Does the work of a request, so that the client can cancel it. @throws GatewayError `rate_limited` */
  async run<T>(id: RequestId, cancel: Cancel, work: () => T | Promise<T>): Promise<T> {
    this.#inFlight ??= new InFlight()
    this.#inFlight.begin(id, cancel)
    try {
      return await work()
    } finally {
      this.#inFlight.finish(id, cancel)
      this.lastUsed = performance.now()
    }
  }

  /** `key` is that of the request's id. */
  cancel(key: string): void {
    this.#inFlight?.cancel(key)
  }

  /**
   * Makes a stream the one that changes are told on; one that was open before is ended. Returns whether
   * the session had a stream before, and so may have missed changes.
   */
  attach(end: () => void, tell: Tell): boolean {
    const again = this.#streamed
    this.#endStream?.()
    this.#endStream = end
    this.#tell = tell
    this.#streamed = true
    this.#subscriptions?.flush()
    return again
  }

  detach(end: () => void): void {
    if (this.#endStream !== end) return
    this.#endStream = undefined
    this.#tell = undefined
    this.lastUsed = performance.now()
  }

  endStream(): void {
    this.#endStream?.()
  }

  /** Ends everything that hangs on the session. */
  end(): void {
    this.#subscriptions?.end()
    this.endStream()
    this.#asks?.rejectAll()
    this.#inFlight?.abortAll(new GatewayError('cancelled', 'the session ended before the request did'))
  }
}
