import { PRIMING_VERSION } from '../../versions.ts'
import type { Session } from '../session.ts'
import type { EventId, StreamKind } from './id.ts'
import { EVENT_LIMITS, type EventLimits } from './limits.ts'
import { type Budget, SessionEvents } from './session-events.ts'
import type { ResumableStream } from './stream.ts'

/**
 * What the legacy sessions of one front keep of their streams. A session that streams nothing has no part in it.
 * Of all that is kept the oldest goes first: of the session to which nothing was added for the longest time.
 */
export class EventStore implements Budget {
  readonly #limits: EventLimits
  readonly #sessions = new Map<string, SessionEvents>()
  /** Those that keep events, the one that was added to last at the end. */
  readonly #holding = new Set<SessionEvents>()
  #bytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor(limits = EVENT_LIMITS) {
    this.#limits = limits
  }

  /** Bytes that all sessions keep. */
  get bytes(): number {
    return this.#bytes
  }

  /** Sessions that have a stream, or something kept of one. */
  get size(): number {
    return this.#sessions.size
  }

  /** Begins a stream in a session. */
  open(session: Session, kind: StreamKind): ResumableStream {
    let events = this.#sessions.get(session.id)
    if (events === undefined) {
      events = new SessionEvents(isPrimed(session), this.#limits, this)
      this.#sessions.set(session.id, events)
      this.#timer ??= setInterval(() => this.#sweep(), this.#limits.sweepMs).unref()
    }
    return events.open(kind)
  }

  /** The stream of an event, where that is this session's and something came or may come after the event. */
  find({ id }: Session, event: EventId): ResumableStream | undefined {
    return this.#sessions.get(id)?.find(event)
  }

  /** Whether the client of the session has a stream open for what belongs to no call. */
  listening({ id }: Session): boolean {
    return this.#sessions.get(id)?.listening === true
  }

  /** The session has ended. */
  forget(session: string): void {
    this.#sessions.get(session)?.close()
    this.#remove(session)
  }

  count(events: SessionEvents, bytes: number): void {
    this.#bytes += bytes
    if (bytes < 0) return
    this.#holding.delete(events)
    this.#holding.add(events)
    while (this.#bytes > this.#limits.totalBytes) this.#dropOldest()
  }

  #dropOldest(): void {
    for (const events of this.#holding) {
      if (events.dropOldest()) return
      this.#holding.delete(events)
    }
  }

  #sweep(): void {
    for (const [session, events] of this.#sessions) {
      events.sweep()
      if (events.empty) this.#remove(session)
    }
  }

  #remove(session: string): void {
    const events = this.#sessions.get(session)
    if (events === undefined) return
    this.#holding.delete(events)
    this.#sessions.delete(session)
    if (this.#sessions.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

/** Whether the streams of a session begin with an id, and so can be resumed from the start. */
export function isPrimed({ caller }: Pick<Session, 'caller'>): boolean {
  return caller.version >= PRIMING_VERSION
}
