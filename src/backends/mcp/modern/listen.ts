import type { JsonObject } from '../../../core/catalog.ts'
import type { RpcError } from '../../../core/errors.ts'
import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import type { Channel, Ticket } from '../channel.ts'
import type { Patron, Peer, Site } from '../connection.ts'
import type { Failure } from '../failure.ts'
import type { Message } from '../message.ts'
import { META } from '../meta.ts'
import { Reopening } from '../reopening.ts'
import { read, rpcErrorOf } from '../rpc.ts'
import { noSubscriptions } from '../updated.ts'
import { Filter, type Topic } from './filter.ts'
import { encodeOwn } from './request.ts'

export interface ListenOptions {
  readonly name: string
  /** For the time that an acknowledgement may take. */
  readonly site: Pick<Site, 'timeoutMs'>
  readonly channel: Channel
  readonly peer: Peer
  readonly patron: Patron | undefined
  readonly receive: (message: Message) => void
  /** Tells the server that a request is no longer listened to. */
  readonly cancel: (id: number) => void
  /** The stream is open again: something may have been missed. */
  readonly reopened: () => void
  readonly unreachable: (failure: Failure) => void
}

interface Wish {
  readonly topic: Topic
  readonly key: string
  readonly resolve: () => void
  readonly reject: (error: GatewayError) => void
}

interface Stream {
  readonly id: number
  readonly ticket: Ticket
}

/** A stream that the server has not acknowledged yet. */
interface Opening extends Stream {
  /** Those that it was opened for. */
  readonly wishes: readonly Wish[]
  readonly late: NodeJS.Timeout
}

/** Wishes that come within this are put into one request. */
const GATHER_MS = 10
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'

/**
 * The one `subscriptions/listen` of a connection (MCP 2026-07-28, basic/utilities/subscriptions): for the list
 * changes that the server announces, best effort, and for what callers subscribe to. A new wish opens a new
 * stream, and the old one is dropped when the new one is acknowledged, so that nothing is missed between.
 */
export class Listener {
  readonly #options: ListenOptions
  readonly #wanted: Filter
  readonly #reopening: Reopening
  #wishes: Wish[] = []
  #gathering: NodeJS.Timeout | undefined
  #standing: Stream | undefined
  #opening: Opening | undefined
  /** What is wanted has changed since the last request. */
  #stale = false
  /** No stream was open for a while. */
  #missed = false
  #stopped = false

  constructor(options: ListenOptions) {
    this.#options = options
    this.#wanted = new Filter()
    this.#reopening = new Reopening(() => this.#open())
  }

  get stands(): boolean {
    return this.#standing !== undefined
  }

  /** From now on changes of lists are listened for, as far as the server announces them. */
  wantLists(capabilities: JsonObject): void {
    if (!this.#wanted.addLists(capabilities)) return
    if (this.#standing === undefined && this.#opening === undefined) this.#reopening.start()
    else this.#gather()
  }

  /** Resolves when the server has said that it will tell. @throws GatewayError when it will not */
  async want(topic: Topic, key: string): Promise<void> {
    if (this.#stopped) throw silent(this.#options.name)
    this.#wanted.add(topic, key)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#wishes.push({ topic, key, resolve, reject })
        this.#gather()
      })
    } catch (error) {
      this.unwant(topic, key)
      throw error
    }
  }

  unwant(topic: Topic, key: string): void {
    if (this.#wanted.delete(topic, key)) this.#gather()
  }

  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    clearTimeout(this.#gathering)
    this.#reopening.stop()
    clearTimeout(this.#opening?.late)
    this.#standing?.ticket.drop()
    this.#opening?.ticket.drop()
    for (const { reject } of [...this.#wishes, ...(this.#opening?.wishes ?? [])])
      reject(silent(this.#options.name))
  }

  /** @returns whether the message was about the listening itself; over a shared wire it comes as a stray */
  takes(message: Message): boolean {
    if (message.kind !== 'notification' || message.method !== ACKNOWLEDGED) return false
    const params = message.raw.object('params') ?? RawObject.empty
    const id = params.object('_meta')?.text(META.subscription)
    if (this.#opening !== undefined && id === String(this.#opening.id))
      this.#acknowledged(read(params, 'notifications'))
    return true
  }

  #gather(): void {
    this.#stale = true
    if (this.#stopped || this.#opening !== undefined) return
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      this.#reopening.start()
    }, GATHER_MS).unref()
  }

  #open(): void {
    if (this.#opening !== undefined) return
    this.#stale = false
    if (this.#wanted.isEmpty) {
      this.#drop(this.#standing)
      this.#standing = undefined
      return
    }
    const { channel, peer, patron } = this.#options
    const params = { notifications: this.#wanted }
    const request = encodeOwn('subscriptions/listen', params, { id: channel.nextId(), peer, patron })
    const { id } = request
    const ticket = channel.request(request, {
      receive: (message) => this.#receive(id, message),
      fail: (failure) => this.#failed(id, failure),
    })
    const late = setTimeout(() => this.#unacknowledged(), this.#options.site.timeoutMs).unref()
    this.#opening = { id, ticket, wishes: this.#wishes.splice(0), late }
  }

  #receive(id: number, message: Message): void {
    if (this.#stopped || this.takes(message)) return
    if (message.kind !== 'response') this.#options.receive(message)
    else this.#answered(id, rpcErrorOf(message.raw))
  }

  /** An error is a no; a result is the end of the stream, which may be begun again. */
  #answered(id: number, error: RpcError | undefined): void {
    if (error === undefined) this.#ended(id, silent(this.#options.name), true)
    else this.#ended(id, GatewayError.backend(error), false)
  }

  #failed(id: number, failure: Failure): void {
    if (this.#stopped) return
    if (failure.kind === 'unsent') this.#options.unreachable(failure)
    const again = failure.kind === 'broken' || failure.kind === 'busy' || (failure.status ?? 0) >= 500
    this.#ended(id, failure.toError(this.#options.name), again)
  }

  #ended(id: number, error: GatewayError, again: boolean): void {
    if (this.#standing?.id === id) {
      this.#standing = undefined
      this.#missed = true
      // One that is on its way replaces it.
      if (this.#opening === undefined) this.#reopening.broke()
    } else if (this.#opening?.id === id) {
      const subscribed = this.#opening.wishes.length === 0 && this.#wanted.hasKeys
      this.#settle(() => error)
      this.#missed = true
      if (again || subscribed) this.#reopening.broke()
      if (this.#stale) this.#gather()
    }
  }

  #acknowledged(honoured: unknown): void {
    if (this.#stopped) return
    this.#drop(this.#standing)
    this.#standing = this.#opening
    if (this.#missed) this.#options.reopened()
    this.#missed = false
    this.#settle(({ topic, key }) => {
      const keys: unknown = (honoured as JsonObject | undefined)?.[topic]
      return Array.isArray(keys) && keys.includes(key) ? undefined : noSubscriptions(this.#options.name)
    })
    if (this.#stale) this.#gather()
  }

  /** A server may listen and not say so, which is good enough for lists. */
  #unacknowledged(): void {
    if (this.#standing === undefined) this.#standing = this.#opening
    else this.#drop(this.#opening)
    this.#settle(() => silent(this.#options.name))
    if (this.#stale) this.#gather()
  }

  /** The opening is over. @param why not, where a wish is not fulfilled */
  #settle(whyNot: (wish: Wish) => GatewayError | undefined): void {
    const { wishes = [], late } = this.#opening ?? {}
    clearTimeout(late)
    this.#opening = undefined
    for (const wish of wishes) {
      const error = whyNot(wish)
      if (error === undefined) wish.resolve()
      else wish.reject(error)
    }
  }

  /** Over a wire that requests share the server would go on otherwise. */
  #drop(stream: Stream | undefined): void {
    if (stream === undefined) return
    stream.ticket.drop()
    this.#options.cancel(stream.id)
  }
}

function silent(name: string): GatewayError {
  return new GatewayError('timeout', `backend '${name}' did not take the subscription in time`)
}
