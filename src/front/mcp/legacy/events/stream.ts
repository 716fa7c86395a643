import type { EventReply } from '../../../http/event-reply.ts'
import type { Frame } from '../../frame.ts'
import type { StandingOutlet } from '../../outlet.ts'
import { newName, type StreamKind, writeEventId } from './id.ts'
import { RETRY_MS } from './limits.ts'

export interface KeptEvent {
  readonly place: number
  readonly frame: Frame
}

/** Keeps the events of a stream, within bounds. */
export interface Keeper {
  keep(stream: ResumableStream, place: number, frame: Frame): void
  /** What is kept of the stream after a place, in order. */
  after(stream: ResumableStream, place: number): readonly KeptEvent[]
  /** Nothing more comes on the stream. */
  ended(stream: ResumableStream): void
}

/**
 * A stream of events that outlives its connection: a client that lost it comes back with the id of the last event
 * that it saw (MCP 2025-11-25, basic/transports, Resumability and Redelivery).
 */
export class ResumableStream implements StandingOutlet {
  readonly streamed = true
  readonly kind: StreamKind
  readonly name: string
  /** Called when the stream is over. */
  onEnd: (() => void) | undefined
  readonly #keeper: Keeper
  readonly #primes: boolean
  #reply: EventReply | undefined
  /** Of the latest event. */
  #place = 0
  #over = false

  /** @param primes whether the client may be sent an event without data */
  constructor(kind: StreamKind, primes: boolean, keeper: Keeper) {
    this.kind = kind
    this.name = newName(kind)
    this.#primes = primes
    this.#keeper = keeper
  }

  get streams(): boolean {
    return !this.#over
  }

  get connected(): boolean {
    return this.#reply?.streams === true
  }

  get over(): boolean {
    return this.#over
  }

  /** Whether the client has seen an id to come back with. */
  get resumable(): boolean {
    return this.#primes || this.#place > 0
  }

  /** Whether something came, or may still come, after a place that there was. */
  goesOn(place: number): boolean {
    if (place > this.#place) return false
    return !this.#over || this.#keeper.after(this, place).length > 0
  }

  /**
   * Goes on with a reply, after what was missed since `place` and is kept. Returns whether that was all.
   */
  connect(reply: EventReply, place = this.#place): boolean {
    this.#reply?.drop()
    this.#reply = reply
    if (this.#primes) reply.prime(writeEventId(this.name, place), RETRY_MS)
    const missed = this.#keeper.after(this, place)
    for (const event of missed) reply.write(event.frame, writeEventId(this.name, event.place))
    if (this.#over) this.#letGo()
    return missed.length === this.#place - place
  }

  /** The connection of a reply has closed. */
  disconnect(reply: EventReply): void {
    if (this.#reply === reply) this.#reply = undefined
  }

  begin(): void {}

  send(frame: Frame, lossy: boolean): void {
    if (this.#over || (lossy && this.#reply?.slow === true)) return
    const place = ++this.#place
    this.#keeper.keep(this, place, frame)
    this.#reply?.write(frame, writeEventId(this.name, place))
  }

  reply(frame: Frame): void {
    this.send(frame, false)
    this.end()
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    this.#letGo()
    this.#keeper.ended(this)
    this.onEnd?.()
  }

  #letGo(): void {
    this.#reply?.end()
    this.#reply = undefined
  }
}
