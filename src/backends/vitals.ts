import { GatewayError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import type { BackendHealth, BreakerState, BreakerStatus, HealthError } from '../core/ports.ts'
import { Breaker, type Outcome } from '../resilience/breaker.ts'
import { afterCheck, type Check, type Health, SLOW_MS, UNCHECKED } from '../resilience/health.ts'
import { Failure } from './mcp/failure.ts'
import { wantsCredentials } from './outcome.ts'
import type { Terms } from './terms.ts'

export interface VitalsOptions {
  readonly terms: Pick<Terms, 'name' | 'resilience'>
  readonly log: Log
  /** The health or the breaker is another. */
  readonly changed: () => void
}

/** A second at least: a client that comes back at once would only be refused again. */
const SOONEST_MS = 1_000
const DEFAULT_THRESHOLD = 3

/** What is known of how one server does, and the breaker that stands before its calls. */
export class Vitals {
  readonly #options: VitalsOptions
  #breaker: Breaker | undefined
  #health: Health = UNCHECKED
  #checkedAt: number | undefined
  #changedAt: number | undefined
  #error: HealthError | undefined
  #breakerSince = Date.now()
  #snapshot: BackendHealth | undefined
  #halfOpening: NodeJS.Timeout | undefined

  constructor(options: VitalsOptions) {
    this.#options = options
    this.#breaker = this.#newBreaker()
  }

  /** The terms are others: those of a breaker that stays hold from its next change on. */
  adopt(): void {
    const has = this.#options.terms.resilience.breaker !== undefined
    if (has === (this.#breaker !== undefined)) return
    clearTimeout(this.#halfOpening)
    this.#breakerSince = Date.now()
    this.#breaker = this.#newBreaker()
    this.#snapshot = undefined
    this.#options.changed()
  }

  /** The same object until something changes. */
  get health(): BackendHealth {
    this.#snapshot ??= {
      ...this.#health,
      checkedAt: this.#checkedAt,
      changedAt: this.#changedAt,
      error: this.#error,
      breaker: this.#breakerState(),
    }
    return this.#snapshot
  }

  /** Whether a call would be refused. */
  get isOpen(): boolean {
    return this.#breaker?.status === 'open'
  }

  /** @returns a pass for a call, to be given back with its outcome. @throws GatewayError `unavailable` when the breaker is open */
  enter(): number {
    const pass = this.tryEnter()
    if (pass === undefined) throw this.#refusal()
    return pass
  }

  tryEnter(): number | undefined {
    return this.#breaker === undefined ? 0 : this.#breaker.enter()
  }

  /** @param error why it failed, where it did */
  settle(pass: number, outcome: Outcome, error?: unknown): void {
    if (outcome === 'failure') this.#remember(GatewayError.from(error))
    this.#breaker?.settle(pass, outcome)
  }

  /** A check went well, or the server was connected. @param tookMs how long it took to answer */
  succeeded(tookMs: number): void {
    this.#check({ ok: true, slow: tookMs > SLOW_MS })
  }

  /** A check failed, or a connection. */
  failed(error: GatewayError): void {
    this.#remember(error)
    this.#check({ ok: false, unauthenticated: wantsCredentials(error) })
  }

  /** The breaker learns of what was no call of its. */
  note(outcome: Outcome): void {
    this.#breaker?.note(outcome)
  }

  close(): void {
    clearTimeout(this.#halfOpening)
  }

  #newBreaker(): Breaker | undefined {
    const { terms } = this.#options
    const policy = () => terms.resilience.breaker
    const first = policy()
    if (first === undefined) return undefined
    return new Breaker({
      get threshold() {
        return (policy() ?? first).threshold
      },
      get openMs() {
        return (policy() ?? first).openMs
      },
      changed: (status) => this.#onBreaker(status),
    })
  }

  #check(check: Check): void {
    const before = this.#health
    const threshold = this.#options.terms.resilience.health?.threshold ?? DEFAULT_THRESHOLD
    this.#health = afterCheck(before, check, threshold)
    this.#checkedAt = Date.now()
    this.#snapshot = undefined
    if (this.#health.status === before.status) return
    this.#changedAt = this.#checkedAt
    this.#announce(before)
    this.#options.changed()
  }

  #announce(before: Health): void {
    const { log, terms } = this.#options
    const { status, failures } = this.#health
    const fields = { backend: terms.name, from: before.status, to: status }
    if (status === 'unhealthy' || status === 'unauthenticated')
      log.warn({ ...fields, failures, error: this.#error?.message }, `backend is ${status}`)
    else if (before.failures > 0) log.info(fields, `backend is ${status}`)
    else log.debug(fields, `backend is ${status}`)
  }

  #remember(error: GatewayError): void {
    const failure = Failure.of(error)
    const lastWords = failure?.facts['stderr']
    // Whether a call may have run is of interest to its own client.
    const { code, message } = failure?.toError(this.#options.terms.name) ?? error
    this.#error = { code, message, at: Date.now(), ...(lastWords !== undefined && { lastWords }) }
    this.#snapshot = undefined
  }

  #onBreaker(status: BreakerStatus): void {
    const { log, terms, changed } = this.#options
    const { name, resilience } = terms
    this.#breakerSince = Date.now()
    this.#snapshot = undefined
    clearTimeout(this.#halfOpening)
    if (status === 'open') {
      const { openMs = 0 } = resilience.breaker ?? {}
      // Timers may fire a little early.
      this.#halfOpening = setTimeout(() => this.#breaker?.poll(), openMs + 2).unref()
      log.warn({ backend: name, breaker: status, openMs, error: this.#error?.message }, 'breaker opened')
    } else
      log.info(
        { backend: name, breaker: status },
        status === 'closed' ? 'breaker closed' : 'breaker half open',
      )
    changed()
  }

  #breakerState(): BreakerState | undefined {
    if (this.#breaker === undefined) return undefined
    const { status, opened, retryAfterMs } = this.#breaker
    const retryAt = status === 'open' ? Date.now() + Math.ceil(retryAfterMs) : undefined
    return { status, since: this.#breakerSince, opened, retryAt }
  }

  #refusal(): GatewayError {
    const { name } = this.#options.terms
    const waitMs = Math.max(SOONEST_MS, this.#breaker?.retryAfterMs ?? 0)
    const retryAfterSeconds = Math.ceil(waitMs / 1000)
    const last = this.#error === undefined ? '' : `, the last with: ${this.#error.message}`
    const message = `backend '${name}' is not called for now, since its calls kept failing${last}; it is tried again in ${retryAfterSeconds} s`
    return new GatewayError('unavailable', message, {
      data: { backend: name, reason: 'circuit_open', retryAfterSeconds },
    })
  }
}
