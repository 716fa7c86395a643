import type { HttpVerbs, OnBehalf, Sink, Ticket } from '../channel.ts'
import type { Failure } from '../failure.ts'
import type { Message } from '../message.ts'
import { Reopening } from '../reopening.ts'

export interface ListenOptions {
  readonly http: HttpVerbs
  readonly onBehalf: () => OnBehalf
  readonly receive: (message: Message) => void
  /** The stream is open again: something may have been missed. */
  readonly reopened: () => void
  /** The server does not know the session any more. */
  readonly forgotten: () => void
  /** The server cannot be reached. */
  readonly unreachable: (failure: Failure) => void
}

/** Some servers send the headers of a stream with its first event. */
const SETTLED_WITHIN_MS = 2_000

/** The server's own event stream over HTTP, opened again whenever it breaks. A server need not have one. */
export class Listener implements Sink {
  readonly #options: ListenOptions
  #ticket: Ticket | undefined
  #stopped = false
  #open = false
  #broken = false
  #settle: () => void = () => {}
  readonly #reopening: Reopening
  #settled: Promise<void> | undefined

  constructor(options: ListenOptions) {
    this.#options = options
    this.#settled = new Promise((resolve) => {
      this.#settle = () => {
        clearTimeout(late)
        this.#settled = undefined
        resolve()
      }
      const late = setTimeout(this.#settle, SETTLED_WITHIN_MS).unref()
    })
    this.#reopening = new Reopening(() => {
      this.#ticket = options.http.listen(options.onBehalf(), this)
    })
    this.#reopening.start()
  }

  /** Resolves once the server has taken or refused the stream, or should have; `undefined` from then on. */
  get settled(): Promise<void> | undefined {
    return this.#settled
  }

  get isOpen(): boolean {
    return this.#open
  }

  stop(): void {
    this.#stopped = true
    this.#open = false
    this.#reopening.stop()
    this.#ticket?.drop()
    this.#settle()
  }

  receive(message: Message): void {
    if (!this.#stopped) this.#options.receive(message)
  }

  opened(): void {
    this.#open = true
    this.#settle()
    if (!this.#broken || this.#stopped) return
    this.#broken = false
    this.#options.reopened()
  }

  fail(failure: Failure): void {
    this.#open = false
    this.#settle()
    if (this.#stopped) return
    if (failure.kind === 'unsent') this.#options.unreachable(failure)
    else if (failure.kind === 'status' && failure.status === 404) this.#options.forgotten()
    // 405 is how a server says that it has no stream (MCP 2025-11-25, basic/transports); others say it their way.
    else if (failure.kind === 'broken' || (failure.status ?? 0) >= 500) {
      this.#broken = true
      this.#reopening.broke()
    }
  }
}
