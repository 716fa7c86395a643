import { randomUUID } from 'node:crypto'
import type { Caller, Principal } from '../../../core/caller.ts'
import type { SessionLimits } from '../../../core/config.ts'
import { Binding, isSameBinding } from '../binding.ts'
import { Session } from './session.ts'

const MAX_SWEEP_MS = 30_000

/**
 * The legacy client sessions of one front, least recently used first. A session lives while it is used or
 * something in it is open, and for the time to live after that; one timer looks after all of them.
 */
export class Sessions {
  readonly #limits: () => SessionLimits
  readonly #onClosed: (session: string) => void
  readonly #binding: Binding
  readonly #sessions = new Map<string, Session>()
  #timer: NodeJS.Timeout | undefined

  /** @param limits of now: they may be others later */
  constructor(
    limits: () => SessionLimits,
    onClosed: (session: string) => void,
    binding: Binding = new Binding(),
  ) {
    this.#limits = limits
    this.#onClosed = onClosed
    this.#binding = binding
  }

  get size(): number {
    return this.#sessions.size
  }

  open(caller: Omit<Caller, 'session'>): Session {
    while (this.#sessions.size > 0 && this.#sessions.size >= this.#limits().max) this.#evict()
    const id = randomUUID()
    const session = new Session(id, { ...caller, session: id }, this.#binding.of(caller.principal))
    this.#sessions.set(id, session)
    this.#timer ??= this.#startSweeping()
    return session
  }

  /** The session, renewed; `undefined` when it is unknown, expired or another principal's. */
  find(id: string, principal: Principal): Session | undefined {
    const session = this.#sessions.get(id)
    if (session === undefined || !this.#isOwner(principal, session)) return undefined
    const now = performance.now()
    if (this.#isExpired(session, now)) {
      this.close(session)
      return undefined
    }
    session.lastUsed = now
    session.renew(principal)
    this.#sessions.delete(id)
    this.#sessions.set(id, session)
    return session
  }

  close(session: Session): void {
    if (!this.#sessions.delete(session.id)) return
    if (this.#sessions.size === 0) this.#stopSweeping()
    session.end()
    this.#onClosed(session.id)
  }

  /** Ends the streams on which sessions hear of changes; the sessions go on. */
  endStreams(): void {
    for (const session of this.#sessions.values()) session.endStream()
  }

  closeAll(): void {
    for (const session of [...this.#sessions.values()]) this.close(session)
  }

  /** Another token of the same identity is the same owner. */
  #isOwner(principal: Principal, session: Session): boolean {
    return (
      session.caller.principal === principal || isSameBinding(session.binding, this.#binding.of(principal))
    )
  }

  #evict(): void {
    const oldest = this.#sessions.values().next()
    if (!oldest.done) this.close(oldest.value)
  }

  #isExpired(session: Session, now: number): boolean {
    return !session.busy && now - session.lastUsed > this.#limits().ttlMs
  }

  #startSweeping(): NodeJS.Timeout {
    const timer = setInterval(
      () => this.#sweep(),
      Math.min(Math.max(this.#limits().ttlMs / 4, 20), MAX_SWEEP_MS),
    )
    return timer.unref()
  }

  #stopSweeping(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #sweep(): void {
    const now = performance.now()
    for (const session of [...this.#sessions.values()]) if (this.#isExpired(session, now)) this.close(session)
  }
}
