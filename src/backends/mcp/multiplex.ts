import type { Log } from '../../core/log.ts'
import { answeredBy, answeredByEither } from './answered.ts'
import type { ChannelEvents, OutgoingRequest, Sink } from './channel.ts'
import { Failure, NOT_RPC } from './failure.ts'
import type { Limits } from './limits.ts'
import type { Message } from './message.ts'
import { decodeAll } from './message.ts'
import { Slots } from './slots.ts'

export interface MultiplexOptions {
  readonly name: string
  readonly log: Log
  readonly limits: Limits
  /** An answer came that nobody waits for any more. */
  readonly late: () => void
}

/** Strays that are kept until somebody takes them, and the bytes of each. */
const EARLY = 100
const EARLY_BYTES = 64 * 1024

/** Requests that share one wire, and who waits for which answer. */
export class Multiplex {
  readonly #options: MultiplexOptions
  #pending = new Slots<Sink>()
  #events: ChannelEvents | undefined
  #early: Message[] = []
  #lost: Failure | undefined
  #noise = false

  constructor(options: MultiplexOptions) {
    this.#options = options
  }

  get isLost(): boolean {
    return this.#lost !== undefined
  }

  nextId(): number {
    return this.#pending.nextId()
  }

  attach(events: ChannelEvents): void {
    this.#events = events
    const early = this.#early
    this.#early = []
    for (const message of early) events.stray(message)
    if (this.#lost !== undefined) events.lost(this.#lost)
  }

  /** @returns false when the request may not be sent, and its sink was or will be told why */
  expect(request: OutgoingRequest, sink: Sink): boolean {
    const full = this.#pending.size >= this.#options.limits.pending
    const failure = this.#lost
      ? unsent(this.#lost)
      : full && new Failure('busy', 'too many requests wait for it already')
    if (failure) queueMicrotask(() => sink.fail(failure))
    else this.#pending.set(request.id, sink)
    return !failure
  }

  /** The request could not be delivered. */
  fail(id: number, failure: Failure): void {
    this.#pending.take(id)?.fail(failure)
  }

  forget(id: number): void {
    this.#pending.take(id)
  }

  /** One message, or a batch of them, as bytes. */
  receive(bytes: Buffer): void {
    const messages = decodeAll(bytes)
    if (messages.length === 0) this.#complain(bytes)
    for (const message of messages) this.#route(message)
  }

  /** A message of which only the beginning and the end were kept, since it is larger than the limit. */
  oversize(head: Buffer, tail: Buffer): void {
    this.tooLarge(answeredByEither(head, tail))
  }

  /** Fails the request that an answer of too many bytes was for, if that can be told. */
  tooLarge(id: number | undefined): void {
    const { name, log, limits } = this.#options
    log.warn({ backend: name, limit: limits.messageBytes }, 'dropped a message that is larger than the limit')
    const hit = id ?? this.#pending.onlyId()
    if (hit === undefined) return
    const message = `answered with more than ${limits.messageBytes} bytes, the limit of one message`
    this.fail(hit, new Failure('too_large', message))
  }

  /** The wire is gone: every request fails, now and from now on. */
  lose(failure: Failure): void {
    if (this.#lost !== undefined) return
    this.#lost = failure
    const sinks = this.#pending.all()
    this.#pending = new Slots()
    for (const sink of sinks) sink.fail(failure)
    this.#events?.lost(failure)
  }

  #route(message: Message): void {
    const sink = message.kind === 'notification' ? this.#byToken(message) : undefined
    if (message.kind === 'response') this.#respond(message)
    else if (sink !== undefined) sink.receive(message)
    else if (this.#events !== undefined) this.#events.stray(message)
    else this.#keep(message)
  }

  #keep(message: Message): void {
    const isSmall = message.raw.bytes.length <= EARLY_BYTES
    if (isSmall && this.#early.length < EARLY) this.#early.push(message)
  }

  #respond(message: Message & { kind: 'response' }): void {
    const id = Number(message.id)
    const sink = this.#pending.take(id)
    if (sink !== undefined) sink.receive(message)
    else this.#drop(id)
  }

  /** A cancelled request is answered all the same now and then. */
  #drop(id: number): void {
    const { log, name, late } = this.#options
    log.debug({ backend: name, id }, 'dropped a response to no request')
    if (this.#pending.wasGiven(id)) late()
  }

  #byToken(message: Message & { kind: 'notification' }): Sink | undefined {
    if (message.method !== 'notifications/progress') return undefined
    const token = message.raw.object('params')?.text('progressToken')
    return token === undefined ? undefined : this.#pending.get(Number(token))
  }

  /** Servers that print to their protocol stream do so all the time: the first line is a warning. */
  #complain(bytes: Buffer): void {
    const { name, log } = this.#options
    const fields = { backend: name, line: bytes.toString('utf8', 0, 200) }
    if (this.#noise) log.debug(fields, 'dropped something that is not a JSON-RPC message')
    else
      log.warn(
        fields,
        'dropped something that is not a JSON-RPC message; more of it is logged at level debug',
      )
    this.#noise = true
    const id = answeredBy(bytes)
    if (id !== undefined) this.fail(id, new Failure('malformed', NOT_RPC))
  }
}

function unsent(lost: Failure): Failure {
  return new Failure('unsent', lost.message, { cause: lost.cause })
}
