import type { Exchange, Result } from '../../core/call.ts'
import { GatewayError } from '../../core/errors.ts'
import { type Log, silent } from '../../core/log.ts'
import type { Backend, BackendRequest, BackendState, TransportType } from '../../core/ports.ts'
import type { Router, RouterOptions } from '../router.ts'

/** Callers who are shown the same, and what they are shown. */
export interface Circle {
  readonly key: string
  readonly router: Router
  members: number
}

/** What one caller is shown of each backend that has views, in the order of the backends. */
export type Shown = readonly (BackendState | undefined)[]

export interface CirclesOptions extends RouterOptions {
  /** Whether callers may be shown different things of it. */
  readonly hasViews: (backend: Backend) => boolean
  /** What it is to those of whom nothing is known. */
  readonly unknown: (backend: Backend) => Backend
  readonly open: (options: RouterOptions) => Router
}

/** One router for all callers who are shown the same, from the first of them to the last. */
export class Circles {
  readonly #options: CirclesOptions
  readonly #circles = new Map<string, Circle>()
  readonly #numbers = new WeakMap<BackendState, number>()
  /** When backends that are shared need not be waited for any more, by `performance.now()`. */
  readonly #graceEnds: number
  readonly #log: Log
  #last = 0
  #retired = false

  constructor(options: CirclesOptions) {
    this.#options = options
    this.#graceEnds = performance.now() + options.patience.graceMs
    const { debug } = options.log
    // What is wrong with the lists of one caller is no news for the operator.
    this.#log = { ...silent, debug, info: debug, warn: debug, error: debug }
  }

  get size(): number {
    return this.#circles.size
  }

  /** To be left again. */
  join(shown: Shown): Circle {
    const key = shown.map((state) => this.#numberOf(state)).join(' ')
    const circle = this.#circles.get(key) ?? this.#open(key, shown)
    circle.members++
    return circle
  }

  leave(circle: Circle): void {
    if (--circle.members > 0) return
    this.#circles.delete(circle.key)
    circle.router.retire()
  }

  retire(): void {
    this.#retired = true
    for (const { router } of this.#circles.values()) router.retire()
  }

  close(): void {
    this.#retired = true
    for (const { router } of this.#circles.values()) router.close()
  }

  #open(key: string, shown: Shown): Circle {
    const { backends, patience, hasViews, unknown, open, ...rest } = this.#options
    let at = 0
    const all = backends.all.map((backend) => {
      if (!hasViews(backend)) return backend
      const state = shown[at++]
      return state === undefined ? unknown(backend) : new ShownBackend(backend, state)
    })
    const graceMs = Math.max(0, this.#graceEnds - performance.now())
    const router = open({
      ...rest,
      backends: { all, watch: (signal) => backends.watch(signal), sessions: backends.sessions },
      patience: { ...patience, graceMs },
      log: this.#log,
      scope: 'private',
    })
    if (this.#retired) router.retire()
    const circle = { key, router, members: 0 }
    this.#circles.set(key, circle)
    return circle
  }

  #numberOf(state: BackendState | undefined): number {
    if (state === undefined) return 0
    const known = this.#numbers.get(state)
    if (known !== undefined) return known
    this.#numbers.set(state, ++this.#last)
    return this.#last
  }
}

/** To those whom it has not shown anything yet. */
export function notYet(backend: Backend): Backend {
  const message = `backend '${backend.name}' has not shown this caller yet what it has`
  const error = new GatewayError('unavailable', message)
  return new ShownBackend(backend, { status: 'failed', error, last: undefined })
}

/** A backend as some callers are shown it. */
class ShownBackend implements Backend {
  readonly name: string
  readonly transport: TransportType
  readonly state: BackendState
  readonly #inner: Backend

  constructor(inner: Backend, state: BackendState) {
    this.name = inner.name
    this.transport = inner.transport
    this.state = state
    this.#inner = inner
  }

  get health() {
    return this.#inner.health
  }

  get lateReplies(): number {
    return this.#inner.lateReplies
  }

  get connections(): number {
    return this.#inner.connections
  }

  get running(): number {
    return this.#inner.running
  }

  get queued(): number {
    return this.#inner.queued
  }

  run(request: BackendRequest, exchange: Exchange): Promise<Result> {
    return this.#inner.run(request, exchange)
  }
}
