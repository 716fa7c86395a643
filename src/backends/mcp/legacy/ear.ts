import type { ConnectOptions } from '../connection.ts'
import { canBeAsked } from '../meta.ts'
import type { ListenOptions } from './listen.ts'
import { Listener } from './listen.ts'

/** A stream that nothing was called for stays open for this long. */
const REST_MS = 5_000

/**
 * When a connection has the server's own event stream open over HTTP. The home connection always has: list
 * changes come there. That of one user has from when they are listened for. That of a client's session has while a call is in progress, and only where the client
 * can be asked something: many servers put such questions there, and not on the answer stream of the call.
 * Once it is held it stays.
 */
export class Ear {
  readonly #options: ConnectOptions
  readonly #listen: Omit<ListenOptions, 'http'>
  #wanted: boolean
  #held = false
  #listener: Listener | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: ConnectOptions, listen: Omit<ListenOptions, 'http'>) {
    this.#options = options
    this.#listen = listen
    const { home, hears, channel, peer } = options
    this.#wanted = channel.http !== undefined && (hears || (!home && canBeAsked(peer.capabilities)))
    if (hears) this.reopen()
  }

  /** Whether what the server says there comes here. */
  get isOpen(): boolean {
    return this.#listener?.isOpen === true
  }

  /** Before a call. @returns what to wait for, so that no question of the server comes to nobody */
  open(): Promise<void> | undefined {
    if (!this.#wanted || this.#options.home) return undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.reopen()
    return this.#listener?.settled
  }

  /**
   * From now on something may come there at any time: updates of a resource, logs, what becomes of a task.
   * @returns as `open`
   */
  hold(): Promise<void> | undefined {
    if (!this.#held) {
      this.#held = true
      this.#wanted = this.#options.channel.http !== undefined
      clearTimeout(this.#timer)
      this.#timer = undefined
      this.reopen()
    }
    return this.#listener?.settled
  }

  /** After the last call. */
  rest(): void {
    if (this.#listener === undefined || this.#options.home || this.#held) return
    this.#timer ??= setTimeout(() => this.close(), REST_MS).unref()
  }

  reopen(): void {
    const { http } = this.#options.channel
    if (this.#wanted && http !== undefined) this.#listener ??= new Listener({ ...this.#listen, http })
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#listener?.stop()
    this.#listener = undefined
  }
}
