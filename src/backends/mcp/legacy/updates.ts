import type { Exchange, Notice } from '../../../core/call.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Log } from '../../../core/log.ts'
import type { ServerFacts } from '../../../core/ports.ts'
import { Subscribers } from '../subscribers.ts'
import { noSubscriptions, resourceUpdated, tellsOfUpdates } from '../updated.ts'

export interface UpdatesOptions {
  readonly name: string
  readonly log: Log
  readonly server: () => ServerFacts
  /** Opens the stream on which updates come. */
  readonly listen: () => Promise<void> | undefined
  readonly ask: (method: string, params: object) => Promise<unknown>
}

/** The resources that a session with a server is subscribed to (MCP 2025-11-25, server/resources, Subscriptions). */
export class Updates {
  readonly #options: UpdatesOptions
  readonly #subscribers: Subscribers

  constructor(options: UpdatesOptions) {
    this.#options = options
    this.#subscribers = new Subscribers({
      begin: (uri) => this.#subscribe(uri),
      end: (uri) => options.ask('resources/unsubscribe', { uri }),
    })
  }

  /** Resolves when the subscription stands. It ends with its exchange. @throws GatewayError */
  add(uri: string, exchange: Exchange): Promise<void> {
    return this.#subscribers.add(uri, exchange)
  }

  tell(notice: Notice): void {
    this.#subscribers.tell(notice)
  }

  /** The stream was closed for a while. */
  missed(): void {
    for (const uri of this.#subscribers.keys) this.#subscribers.tell(resourceUpdated(uri))
  }

  /** The server has begun a new session, which knows nothing of what the old one was told. */
  renew(): void {
    for (const uri of this.#subscribers.keys) void this.#renewOne(uri)
  }

  close(): void {
    this.#subscribers.close()
  }

  async #subscribe(uri: string): Promise<void> {
    const { name, server, listen, ask } = this.#options
    if (!tellsOfUpdates(server())) throw noSubscriptions(name)
    await listen()
    await ask('resources/subscribe', { uri })
  }

  async #renewOne(uri: string): Promise<void> {
    const { name, log } = this.#options
    try {
      await this.#subscribers.again(uri)
    } catch (error) {
      log.warn({ backend: name, uri, error: GatewayError.from(error).message }, 'cannot subscribe again')
    }
    this.#subscribers.tell(resourceUpdated(uri))
  }
}
