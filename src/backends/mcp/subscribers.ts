import type { Exchange, Notice } from '../../core/call.ts'
import { GatewayError } from '../../core/errors.ts'

interface Group {
  /** With what takes away the listener for the end of each. */
  readonly members: Map<Exchange, () => void>
  /** Of telling the server, once for all members. */
  standing: Promise<unknown>
  stands: boolean
}

export interface SubscribersOptions {
  /** Tells the server of the first who wants to hear of something. @throws GatewayError where it refuses */
  readonly begin: (key: string) => Promise<unknown>
  /** Tells the server that nobody wants to any more. */
  readonly end: (key: string) => unknown
}

/** Who wants to hear of what on one connection: of resources by URI, of tasks by id. */
export class Subscribers {
  readonly #options: SubscribersOptions
  readonly #groups = new Map<string, Group>()
  /** What the server is being told no more of: a new beginning waits for the end of the old one. */
  readonly #ending = new Map<string, Promise<unknown>>()

  constructor(options: SubscribersOptions) {
    this.#options = options
  }

  /** What the server has been told of, and tells of. */
  get keys(): readonly string[] {
    return [...this.#groups].flatMap(([key, { stands }]) => (stands ? [key] : []))
  }

  /** Resolves when the subscription stands. It ends with its exchange. @throws GatewayError */
  async add(key: string, exchange: Exchange): Promise<void> {
    if (exchange.signal.aborted) throw new GatewayError('cancelled', 'the subscription was cancelled')
    const group = this.#groups.get(key) ?? this.#begin(key)
    const leave = () => this.#leave(key, group, exchange)
    group.members.set(exchange, exchange.onAbort(leave))
    try {
      await group.standing
    } catch (error) {
      leave()
      throw error
    }
  }

  /** Tells the server anew, which has forgotten. @throws GatewayError where it refuses now */
  async again(key: string): Promise<void> {
    const group = this.#groups.get(key)
    if (group === undefined) return
    group.standing = this.#options.begin(key)
    await group.standing
  }

  tell(notice: Notice): void {
    const uri = notice.params.value('uri')
    const about = uri ?? notice.params.value('taskId')
    if (typeof about !== 'string') return
    for (const { members } of about === uri ? this.#around(about) : this.#of([about]))
      for (const exchange of [...members.keys()]) exchange.notify(notice)
  }

  /** The connection is of no use any more: whoever still wants to hear goes to another. */
  close(): void {
    for (const { members } of this.#groups.values()) for (const forget of members.values()) forget()
    this.#groups.clear()
  }

  /** A server may name a resource within the one that was subscribed to (MCP 2025-11-25, schema, ResourceUpdatedNotification). */
  #around(uri: string): readonly Group[] {
    const places = placesOf(uri)
    // Looked up one by one: there may be thousands of groups.
    if (places.length <= MOST_PLACES) return this.#of(places)
    return [...this.#groups].flatMap(([key, group]) => (isWithin(uri, key) ? [group] : []))
  }

  #of(keys: readonly string[]): readonly Group[] {
    const groups: Group[] = []
    for (const key of keys) {
      const group = this.#groups.get(key)
      if (group !== undefined) groups.push(group)
    }
    return groups
  }

  #begin(key: string): Group {
    const before = this.#ending.get(key)
    const { begin } = this.#options
    const standing = before === undefined ? begin(key) : before.then(() => begin(key))
    const group: Group = { members: new Map(), standing, stands: false }
    this.#groups.set(key, group)
    const stand = () => {
      group.stands = true
    }
    standing.then(stand, () => {})
    return group
  }

  #leave(key: string, group: Group, exchange: Exchange): void {
    group.members.get(exchange)?.()
    group.members.delete(exchange)
    if (group.members.size > 0 || this.#groups.get(key) !== group) return
    this.#groups.delete(key)
    this.#end(key, group)
  }

  /** What never stood need not be ended, and what does not stand yet cannot. */
  #end(key: string, { standing }: Group): void {
    const ending = standing
      .then(() => this.#options.end(key))
      .catch(() => {})
      .then(() => {
        if (this.#ending.get(key) === ending) this.#ending.delete(key)
      })
    this.#ending.set(key, ending)
  }
}

/** More than this cost more than to look at every group. */
const MOST_PLACES = 100

/** A resource and all that it may lie within, as far as that is bounded. */
function placesOf(uri: string): readonly string[] {
  const ends: number[] = []
  for (let at = uri.indexOf('/'); at >= 0 && ends.length <= MOST_PLACES; at = uri.indexOf('/', at + 1)) {
    if (ends.at(-1) !== at) ends.push(at)
    ends.push(at + 1)
  }
  if (ends.at(-1) !== uri.length) ends.push(uri.length)
  return ends.map((end) => uri.slice(0, end))
}

function isWithin(uri: string, parent: string): boolean {
  return uri === parent || uri.startsWith(parent.endsWith('/') ? parent : `${parent}/`)
}
