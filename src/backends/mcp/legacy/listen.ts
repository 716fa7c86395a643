import type { Headers, HttpVerbs, Sink, Ticket } from '../channel.ts'
import type { Failure } from '../failure.ts'
import type { Message } from '../message.ts'

export interface ListenOptions {
  readonly http: HttpVerbs
  readonly headers: () => Headers
  readonly receive: (message: Message) => void
  /** The stream is being opened again: something may have been missed. */
  readonly reopening: () => void
  /** The server does not know the session any more. */
  readonly forgotten: () => void
  /** The server cannot be reached. */
  readonly unreachable: (failure: Failure) => void
}

const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 30_000
/** A stream that lived this long did not fail at once. */
const STEADY_MS = 10_000

/** The server's own event stream over HTTP, opened again whenever it breaks. A server need not have one. */
export class Listener implements Sink {
  readonly #options: ListenOptions
  #ticket: Ticket | undefined
  #timer: NodeJS.Timeout | undefined
  #delay = FIRST_DELAY_MS
  #since = 0
  #stopped = false

  constructor(options: ListenOptions) {
    this.#options = options
    this.#open()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#ticket?.drop()
  }

  receive(message: Message): void {
    if (!this.#stopped) this.#options.receive(message)
  }

  fail(failure: Failure): void {
    if (this.#stopped) return
    if (failure.kind === 'unsent') this.#options.unreachable(failure)
    else if (failure.kind === 'status' && failure.status === 404) this.#options.forgotten()
    // 405 is how a server says that it has no stream (MCP 2025-11-25, basic/transports); others say it their way.
    else if (failure.kind === 'broken' || (failure.status ?? 0) >= 500) this.#later()
  }

  #open(): void {
    this.#since = Date.now()
    const { http, headers } = this.#options
    this.#ticket = http.listen(headers(), this)
  }

  #later(): void {
    if (Date.now() - this.#since > STEADY_MS) this.#delay = FIRST_DELAY_MS
    this.#timer = setTimeout(() => {
      this.#options.reopening()
      this.#open()
    }, this.#delay).unref()
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY_MS)
  }
}
