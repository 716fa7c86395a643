import type { JsonObject } from '../../../core/catalog.ts'
import type { Channel, Sink, Ticket } from '../channel.ts'
import type { Peer } from '../connection.ts'
import type { Failure } from '../failure.ts'
import type { Message } from '../message.ts'
import { Reopening } from '../reopening.ts'
import { encodeOwn } from './request.ts'

export interface ListenOptions {
  readonly channel: Channel
  readonly peer: Peer
  readonly capabilities: JsonObject
  readonly receive: (message: Message) => void
  /** The stream is being opened again: something may have been missed. */
  readonly reopening: () => void
  readonly unreachable: (failure: Failure) => void
}

/** `subscriptions/listen` for the list changes that the server announces. Best effort. */
export class Listener implements Sink {
  readonly #options: ListenOptions
  readonly #filter: JsonObject
  #ticket: Ticket | undefined
  readonly #reopening: Reopening
  #stopped = false

  constructor(options: ListenOptions) {
    this.#options = options
    this.#filter = filterOf(options.capabilities)
    this.#reopening = new Reopening({ reopening: options.reopening, open: () => this.#open() })
    if (Object.keys(this.#filter).length > 0) this.#reopening.start()
  }

  stop(): void {
    this.#stopped = true
    this.#reopening.stop()
    this.#ticket?.drop()
  }

  receive(message: Message): void {
    if (this.#stopped) return
    if (message.kind !== 'response') this.#options.receive(message)
    // An error is a no; a result is the end of the stream, which may be begun again.
    else if (message.raw.has('result')) this.#reopening.broke()
  }

  fail(failure: Failure): void {
    if (this.#stopped) return
    if (failure.kind === 'unsent') this.#options.unreachable(failure)
    else if (failure.kind === 'broken' || (failure.status ?? 0) >= 500) this.#reopening.broke()
  }

  #open(): void {
    const { channel, peer } = this.#options
    const request = encodeOwn(
      'subscriptions/listen',
      { notifications: this.#filter },
      { id: channel.nextId(), peer },
    )
    this.#ticket = channel.request(request, this)
  }
}

function filterOf(capabilities: JsonObject): JsonObject {
  const filter: Record<string, true> = {}
  for (const kind of ['tools', 'prompts', 'resources'])
    if ((capabilities[kind] as JsonObject | undefined)?.['listChanged'] === true)
      filter[`${kind}ListChanged`] = true
  return filter
}
