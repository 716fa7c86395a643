import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Channel, Sink, Ticket } from '../channel.ts'
import type { Peer } from '../connection.ts'
import type { Failure } from '../failure.ts'
import type { Message } from '../message.ts'
import { META } from '../meta.ts'
import { Reopening } from '../reopening.ts'
import { rpcErrorOf } from '../rpc.ts'
import { noSubscriptions } from '../updated.ts'
import { encodeOwn } from './request.ts'

export interface ListenOptions {
  readonly name: string
  readonly channel: Channel
  readonly peer: Peer
  /** Those lists that are to be listened for; none for a connection that does not list. */
  readonly capabilities: JsonObject
  readonly receive: (message: Message) => void
  /** The stream is being opened again: something may have been missed. */
  readonly reopening: () => void
  readonly unreachable: (failure: Failure) => void
}

/** Members of the filter that name what is listened for. */
export type Topic = 'resourceSubscriptions' | 'taskIds'

interface Wish {
  readonly topic: Topic
  readonly key: string
  readonly resolve: () => void
  readonly reject: (error: GatewayError) => void
}

interface Opened {
  readonly id: number
  readonly ticket: Ticket
  /** The wishes that it was opened for. */
  readonly wishes: readonly Wish[]
}

/** Wishes that come within this are put into one request. */
const GATHER_MS = 10
/** For the acknowledgement. */
const ACKNOWLEDGED_WITHIN_MS = 10_000
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'

/**
 * The one `subscriptions/listen` of a connection (MCP 2026-07-28, basic/utilities/subscriptions): for the list
 * changes that the server announces, best effort, and for what callers subscribe to. A new wish opens a new
 * stream, and the old one is dropped when the new one is acknowledged, so that nothing is missed between.
 */
export class Listener implements Sink {
  readonly #options: ListenOptions
  readonly #lists: JsonObject
  readonly #wanted: Record<Topic, Set<string>> = {
    resourceSubscriptions: new Set(),
    taskIds: new Set(),
  }
  readonly #reopening: Reopening
  #wishes: Wish[] = []
  #gathering: NodeJS.Timeout | undefined
  #opened: Opened | undefined
  #before: Ticket | undefined
  #stopped = false

  constructor(options: ListenOptions) {
    this.#options = options
    this.#lists = filterOf(options.capabilities)
    this.#reopening = new Reopening({ reopening: options.reopening, open: () => this.#open() })
    if (Object.keys(this.#lists).length > 0) this.#reopening.start()
  }

  /** Resolves when the server has said that it will tell. @throws GatewayError when it will not */
  async want(topic: Topic, key: string): Promise<void> {
    this.#wanted[topic].add(key)
    try {
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(silent(this.#options.name)), ACKNOWLEDGED_WITHIN_MS)
        const settle = (done: () => void) => {
          clearTimeout(late)
          done()
        }
        this.#wishes.push({
          topic,
          key,
          resolve: () => settle(resolve),
          reject: (error) => settle(() => reject(error)),
        })
        this.#gather()
      })
    } catch (error) {
      this.unwant(topic, key)
      throw error
    }
  }

  unwant(topic: Topic, key: string): void {
    if (this.#wanted[topic].delete(key)) this.#gather()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#gathering)
    this.#reopening.stop()
    this.#before?.drop()
    this.#opened?.ticket.drop()
    this.#refuse([...this.#wishes, ...(this.#opened?.wishes ?? [])], silent(this.#options.name))
  }

  /** @returns whether the message was about the listening itself; over a shared wire it comes as a stray */
  takes(message: Message): boolean {
    if (message.kind !== 'notification' || message.method !== ACKNOWLEDGED) return false
    const params = message.raw.object('params')
    if (params?.object('_meta')?.value(META.subscription) === this.#opened?.id)
      this.#acknowledge(params?.value('notifications'))
    return true
  }

  receive(message: Message): void {
    if (this.#stopped || this.takes(message)) return
    if (message.kind !== 'response') this.#options.receive(message)
    else if (message.id === String(this.#opened?.id)) this.#answered(message)
  }

  fail(failure: Failure): void {
    if (this.#stopped) return
    if (failure.kind === 'unsent') this.#options.unreachable(failure)
    else if (failure.kind === 'broken' || (failure.status ?? 0) >= 500) this.#reopening.broke()
    else this.#refuse(this.#opened?.wishes ?? [], failure.toError(this.#options.name))
  }

  #gather(): void {
    if (this.#stopped) return
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      this.#reopening.start()
    }, GATHER_MS).unref()
  }

  #open(): void {
    const { channel, peer } = this.#options
    const notifications = this.#filter()
    this.#before?.drop()
    this.#before = this.#opened?.ticket
    const wishes = [...(this.#opened?.wishes ?? []), ...this.#wishes]
    this.#wishes = []
    this.#opened = undefined
    if (Object.keys(notifications).length === 0) {
      this.#before?.drop()
      return
    }
    const request = encodeOwn('subscriptions/listen', { notifications }, { id: channel.nextId(), peer })
    const { id } = request
    // What a stream tells that is no longer the one counts until it is dropped; how it ends does not.
    const sink: Sink = {
      receive: (message) => this.receive(message),
      fail: (failure) => this.#opened?.id === id && this.fail(failure),
    }
    this.#opened = { id, wishes, ticket: channel.request(request, sink) }
  }

  #acknowledge(honoured: unknown): void {
    const opened = this.#opened
    if (opened === undefined) return
    this.#before?.drop()
    this.#before = undefined
    this.#opened = { ...opened, wishes: [] }
    for (const { topic, key, resolve, reject } of opened.wishes) {
      const keys: unknown = (honoured as JsonObject | undefined)?.[topic]
      if (Array.isArray(keys) && keys.includes(key)) resolve()
      else reject(noSubscriptions(this.#options.name))
    }
  }

  /** An error is a no; a result is the end of the stream, which may be begun again. */
  #answered(message: Message & { kind: 'response' }): void {
    const error = rpcErrorOf(message.raw)
    if (error === undefined) this.#reopening.broke()
    else this.#refuse(this.#opened?.wishes ?? [], GatewayError.backend(error))
  }

  #refuse(wishes: readonly Wish[], error: GatewayError): void {
    for (const { reject } of wishes) reject(error)
  }

  #filter(): JsonObject {
    const filter: Record<string, unknown> = { ...this.#lists }
    for (const topic of ['resourceSubscriptions', 'taskIds'] as const)
      if (this.#wanted[topic].size > 0) filter[topic] = [...this.#wanted[topic]]
    return filter
  }
}

function silent(name: string): GatewayError {
  return new GatewayError('timeout', `backend '${name}' did not take the subscription in time`)
}

function filterOf(capabilities: JsonObject): JsonObject {
  const filter: Record<string, true> = {}
  for (const kind of ['tools', 'prompts', 'resources'])
    if ((capabilities[kind] as JsonObject | undefined)?.['listChanged'] === true)
      filter[`${kind}ListChanged`] = true
  return filter
}
