import type { Exchange, Notice } from '../../core/call.ts'

interface Group {
  readonly members: Set<Exchange>
  /** Of telling the server, once for all members. */
  readonly standing: Promise<unknown>
}

export interface SubscribersOptions {
  /** Tells the server of the first who wants to hear of something. @throws GatewayError where it refuses */
  readonly begin: (key: string) => Promise<unknown>
  /** Tells the server that nobody wants to any more. */
  readonly end: (key: string) => void
}

/** Who wants to hear of what on one connection: of resources by URI, of tasks by id. */
export class Subscribers {
  readonly #options: SubscribersOptions
  readonly #groups = new Map<string, Group>()

  constructor(options: SubscribersOptions) {
    this.#options = options
  }

  get keys(): readonly string[] {
    return [...this.#groups.keys()]
  }

  /** Resolves when the subscription stands. It ends with its exchange. @throws GatewayError */
  async add(key: string, exchange: Exchange): Promise<void> {
    const group = this.#groups.get(key) ?? this.#begin(key)
    group.members.add(exchange)
    const leave = () => this.#leave(key, group, exchange)
    const forget = exchange.onAbort(leave)
    try {
      await group.standing
    } catch (error) {
      forget()
      leave()
      throw error
    }
  }

  /** A server may name a resource within the one that was subscribed to (MCP 2025-11-25, schema, ResourceUpdatedNotification). */
  tell(notice: Notice): void {
    const about = notice.params.value('uri') ?? notice.params.value('taskId')
    if (typeof about !== 'string') return
    for (const [key, { members }] of this.#groups)
      if (about === key || about.startsWith(key.endsWith('/') ? key : `${key}/`))
        for (const exchange of [...members]) exchange.notify(notice)
  }

  #begin(key: string): Group {
    const group: Group = { members: new Set(), standing: this.#options.begin(key) }
    this.#groups.set(key, group)
    return group
  }

  #leave(key: string, group: Group, exchange: Exchange): void {
    group.members.delete(exchange)
    if (group.members.size > 0 || this.#groups.get(key) !== group) return
    this.#groups.delete(key)
    this.#options.end(key)
  }
}
