import type { Call } from '../../core/call.ts'
import type { Caller } from '../../core/caller.ts'
import type { Catalog } from '../../core/catalog.ts'
import type { Change, Resolved } from '../../core/gateway.ts'
import type { Backend, SessionViews } from '../../core/ports.ts'
import type { Conflict } from '../conflict/claim.ts'
import type { Router, RouterOptions } from '../router.ts'
import { type Circle, Circles, type Shown } from './circles.ts'

/** What one session is shown, and with whom. */
interface Seat {
  readonly shown: Shown
  readonly circle: Circle
}

/**
 * The innermost gateway where a legacy backend may show single client sessions something of their own. All others are
 * shown what the inner router shows; the few with lists of their own share routers with those who have the same.
 */
export class SessionRouter implements Router {
  readonly #inner: Router
  readonly #views: readonly SessionViews[]
  readonly #circles: Circles
  readonly #seats = new Map<string, Seat>()
  readonly #forget: readonly (() => void)[]

  constructor(options: RouterOptions, open: (options: RouterOptions) => Router) {
    const hasViews = ({ sessionViews }: Backend) => sessionViews !== undefined
    this.#inner = open(options)
    this.#views = options.backends.all.flatMap(({ sessionViews }) => sessionViews ?? [])
    this.#circles = new Circles({ ...options, hasViews, unknown: (backend) => backend, open })
    this.#forget = this.#views.map((views) => views.hear((session) => this.#leave(session)))
  }

  get catalog(): Catalog {
    return this.#inner.catalog
  }

  get conflicts(): readonly Conflict[] {
    return this.#inner.conflicts
  }

  list(caller: Caller, signal: AbortSignal): Promise<Catalog> {
    return this.#routerOf(caller).list(caller, signal)
  }

  resolve(caller: Caller, call: Call, signal: AbortSignal): Promise<Resolved> {
    return this.#routerOf(caller).resolve(caller, call, signal)
  }

  /** Of what is a session's own, its backend tells that session. */
  watch(caller: Caller, signal: AbortSignal): AsyncIterable<Change> {
    return this.#inner.watch(caller, signal)
  }

  retire(): void {
    this.#end()
    this.#circles.retire()
    this.#inner.retire()
  }

  close(): void {
    this.#end()
    this.#circles.close()
    this.#inner.close()
  }

  #end(): void {
    for (const forget of this.#forget) forget()
  }

  #routerOf({ session }: Caller): Router {
    if (session === undefined || !this.#views.some(({ size }) => size > 0)) return this.#inner
    const seat = this.#seats.get(session)
    if (seat !== undefined) return seat.circle.router
    const shown = this.#views.map((views) => views.of(session))
    if (shown.every((view) => view === undefined)) return this.#inner
    const circle = this.#circles.join(shown)
    this.#seats.set(session, { shown, circle })
    return circle.router
  }

  /** It is shown something else now. */
  #leave(session: string): void {
    const seat = this.#seats.get(session)
    if (seat === undefined) return
    this.#seats.delete(session)
    this.#circles.leave(seat.circle)
  }
}
