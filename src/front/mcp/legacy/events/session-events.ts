import { type Frame, frameLength } from '../../frame.ts'
import type { EventId, StreamKind } from './id.ts'
import { EVENT_OVERHEAD, type EventLimits } from './limits.ts'
import { type Keeper, type KeptEvent, ResumableStream } from './stream.ts'

/** Counts what all sessions keep together. */
export interface Budget {
  /** `bytes` is negative when something was dropped. */
  count(events: SessionEvents, bytes: number): void
}

interface Kept extends KeptEvent {
  readonly stream: ResumableStream
  readonly bytes: number
}

const NONE: ReadonlySet<ResumableStream> = new Set()

/** The streams of one session, and the events on them that are kept, oldest first. */
export class SessionEvents implements Keeper {
  readonly #primes: boolean
  readonly #limits: EventLimits
  readonly #budget: Budget
  readonly #streams = new Map<string, ResumableStream>()
  /** Streams that will be forgotten unless something happens on them until the next sweep. */
  #idle: ReadonlySet<ResumableStream> = NONE
  #kept: Kept[] = []
  #bytes = 0

  constructor(primes: boolean, limits: EventLimits, budget: Budget) {
    this.#primes = primes
    this.#limits = limits
    this.#budget = budget
  }

  /** Whether there is nothing to keep it for. */
  get empty(): boolean {
    return this.#streams.size === 0
  }

  open(kind: StreamKind): ResumableStream {
    const stream = new ResumableStream(kind, this.#primes, this)
    this.#streams.set(stream.name, stream)
    return stream
  }

  /** The stream of an event, where something came or may come after that event. */
  find({ name, place }: EventId): ResumableStream | undefined {
    const stream = this.#streams.get(name)
    return stream?.goesOn(place) === true ? stream : undefined
  }

  /** Whether the client has a stream open for what belongs to no call. */
  get listening(): boolean {
    for (const { kind, connected } of this.#streams.values()) if (kind === 'session' && connected) return true
    return false
  }

  keep(stream: ResumableStream, place: number, frame: Frame): void {
    const bytes = frameLength(frame) + EVENT_OVERHEAD
    if (bytes > this.#limits.sessionBytes || !this.#streams.has(stream.name)) return
    this.#kept.push({ stream, place, frame: [copyOf(frame)], bytes })
    this.#count(bytes)
    while (this.#kept.length > this.#limits.sessionEvents || this.#bytes > this.#limits.sessionBytes) {
      this.dropOldest()
    }
  }

  after(stream: ResumableStream, place: number): readonly KeptEvent[] {
    return this.#kept.filter((event) => event.stream === stream && event.place > place)
  }

  ended(stream: ResumableStream): void {
    if (stream.kind === 'session' || !this.#holds(stream)) this.#forget(stream)
  }

  /** Returns whether there was one. */
  dropOldest(): boolean {
    const oldest = this.#kept.shift()
    if (oldest === undefined) return false
    this.#count(-oldest.bytes)
    if (oldest.stream.over && !this.#holds(oldest.stream)) this.#streams.delete(oldest.stream.name)
    return true
  }

  /** Forgets the streams that have been idle since the last time. */
  sweep(): void {
    const idle = [...this.#streams.values()].filter(isIdle)
    for (const stream of idle) if (this.#idle.has(stream)) this.#forget(stream)
    this.#idle = new Set(idle)
  }

  /** Keeps nothing, from now on. */
  close(): void {
    for (const stream of [...this.#streams.values()]) this.#forget(stream)
  }

  #forget(stream: ResumableStream): void {
    if (!this.#streams.delete(stream.name)) return
    const [others, own] = [[] as Kept[], [] as Kept[]]
    for (const event of this.#kept) (event.stream === stream ? own : others).push(event)
    this.#kept = others
    this.#count(-own.reduce((bytes, event) => bytes + event.bytes, 0))
    if (stream.kind === 'session') stream.end()
  }

  #holds(stream: ResumableStream): boolean {
    return this.#kept.some((event) => event.stream === stream)
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    this.#budget.count(this, bytes)
  }
}

/** A call that is under way keeps its stream. */
function isIdle({ kind, over, connected }: ResumableStream): boolean {
  return over || (kind === 'session' && !connected)
}

/** A frame shares its memory with whatever else came or was made at the time; what is kept must not hold on to that. */
function copyOf(frame: Frame): Buffer {
  const copy = Buffer.allocUnsafeSlow(frameLength(frame))
  let at = 0
  for (const piece of frame) at += piece.copy(copy, at)
  return copy
}
