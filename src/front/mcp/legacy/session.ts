import type { Notice } from '../../../core/call.ts'
import type { Caller, Principal } from '../../../core/caller.ts'
import { GatewayError } from '../../../core/errors.ts'
import { Asks } from '../asks.ts'
import type { Cancel } from '../cancel.ts'
import { InFlight } from '../in-flight.ts'
import type { LogLevel } from '../log-level.ts'
import type { RequestId } from '../message.ts'
import { Subscriptions } from './subscriptions.ts'
import { TaskBook } from './task-book.ts'

/** The stream on which a session hears of what belongs to no call. */
export interface SessionStream {
  /** Whether its client is there now. */
  readonly connected: boolean
  /** @returns whether it could be sent */
  tell(notice: Notice): boolean
  end(): void
}

/** One legacy client session. An idle one holds little more than its caller: the rest is made when needed. */
export class Session {
  readonly id: string
  /** To the identity whose it is: see `Binding`. */
  readonly binding: Buffer
  #caller: Caller
  lastUsed = performance.now()
  #inFlight: InFlight | undefined
  #asks: Asks | undefined
  #subscriptions: Subscriptions | undefined
  #tasks: TaskBook | undefined
  #stream: SessionStream | undefined
  #streamed = false

  constructor(id: string, caller: Caller, binding: Buffer) {
    this.id = id
    this.binding = binding
    this.#caller = caller
  }

  get caller(): Caller {
    return this.#caller
  }

  /** `logging/setLevel`. */
  setLevel(logLevel: LogLevel): void {
    this.#caller = { ...this.#caller, logLevel }
  }

  /** The owner has come with another token, which takes the place of the one before. */
  renew(principal: Principal): void {
    if (this.#caller.principal !== principal) this.#caller = { ...this.#caller, principal }
  }

  get subscriptions(): Subscriptions {
    this.#subscriptions ??= new Subscriptions((notice) => this.#stream?.tell(notice) ?? false)
    return this.#subscriptions
  }

  get tasks(): TaskBook {
    this.#tasks ??= new TaskBook()
    return this.#tasks
  }

  /** `undefined` where it was never needed. */
  get madeTasks(): TaskBook | undefined {
    return this.#tasks
  }

  /** Whether something is open that keeps the session alive. */
  get busy(): boolean {
    return this.#stream?.connected === true || (this.#inFlight?.size ?? 0) > 0
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
  attach(stream: SessionStream): boolean {
    const again = this.#streamed
    this.endStream()
    this.#stream = stream
    this.#streamed = true
    this.#subscriptions?.flush()
    return again
  }

  /** The client has come back to its stream. */
  returned(): void {
    this.#subscriptions?.flush()
  }

  detach(stream: SessionStream): void {
    if (this.#stream !== stream) return
    if (stream.connected) this.lastUsed = performance.now()
    this.#stream = undefined
  }

  endStream(): void {
    this.#stream?.end()
  }

  /** Ends everything that hangs on the session. */
  end(): void {
    this.#subscriptions?.end()
    this.endStream()
    this.#asks?.rejectAll()
    this.#inFlight?.abortAll(new GatewayError('cancelled', 'the session ended before the request did'))
  }
}
