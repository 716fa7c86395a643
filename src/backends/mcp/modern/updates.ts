import type { Call, Exchange, Notice, Result } from '../../../core/call.ts'
import type { ServerFacts } from '../../../core/ports.ts'
import { RawObject } from '../../../core/raw.ts'
import { announcesAll } from '../listing.ts'
import type { Message } from '../message.ts'
import { Subscribers } from '../subscribers.ts'
import { noSubscriptions, resourceUpdated, tellsOfUpdates } from '../updated.ts'
import type { Topic } from './filter.ts'
import { Listener, type ListenOptions } from './listen.ts'

export interface UpdatesOptions extends ListenOptions {
  readonly server: ServerFacts
  /** Whether the changes of lists are listened for too. */
  readonly lists: boolean
}

const STANDS: Result = { type: 'complete', body: RawObject.empty }

/** What a connection listens for: lists, resources, tasks. */
export class Updates {
  readonly #options: UpdatesOptions
  readonly #listener: Listener
  readonly #resources: Subscribers
  readonly #tasks: Subscribers

  constructor(options: UpdatesOptions) {
    const { server, lists } = options
    this.#options = options
    this.#resources = this.#subscribers('resourceSubscriptions')
    this.#tasks = this.#subscribers('taskIds')
    this.#listener = new Listener({
      ...options,
      reopened: () => {
        options.reopened()
        for (const uri of this.#resources.keys) this.#resources.tell(resourceUpdated(uri))
      },
    })
    if (lists) this.#listener.wantLists(server.capabilities)
  }

  /** Whether changes of all lists come here. */
  get isHeard(): boolean {
    return this.#listener.stands && announcesAll(this.#options.server.capabilities)
  }

  /** From now on the changes of lists are listened for. */
  hear(): void {
    this.#listener.wantLists(this.#options.server.capabilities)
  }

  /** Resolves when the subscription stands; `undefined` for a call that is none. */
  subscribe(call: Call, exchange: Exchange): Promise<Result> | undefined {
    if (call.kind === 'subscription') return this.#resources.add(call.uri, exchange).then(() => STANDS)
    if (call.kind !== 'task' || call.method !== 'subscriptions/listen') return undefined
    return this.#tasks.add(call.taskId, exchange).then(() => STANDS)
  }

  tell(notice: Notice): void {
    if (notice.method === 'notifications/tasks') this.#tasks.tell(notice)
    else this.#resources.tell(notice)
  }

  /** @returns whether the message was about the listening itself */
  takes(message: Message): boolean {
    return this.#listener.takes(message)
  }

  close(): void {
    this.#resources.close()
    this.#tasks.close()
    this.#listener.stop()
  }

  #subscribers(topic: Topic): Subscribers {
    const { server, name } = this.#options
    return new Subscribers({
      begin: async (key) => {
        if (topic === 'resourceSubscriptions' && !tellsOfUpdates(server)) throw noSubscriptions(name)
        await this.#listener.want(topic, key)
      },
      end: (key) => this.#listener.unwant(topic, key),
    })
  }
}
