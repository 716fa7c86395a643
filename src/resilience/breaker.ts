import type { BreakerStatus } from '../core/ports.ts'

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly threshold: number
  /** How long it stays open, in milliseconds. */
  readonly openMs: number
  /** It is another from now on. */
  readonly changed: (status: BreakerStatus) => void
  /** In milliseconds, from wherever. */
  readonly now?: () => number
}

/** What a call says about the backend: a failure of its own doing, a success, or nothing. */
export type Outcome = 'success' | 'failure' | 'neither'

type State =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly until: number }
  | { readonly kind: 'half_open'; readonly trying: boolean }

const CLOSED: State = { kind: 'closed', failures: 0 }
/** Where a trial is on its way, nobody knows when it ends. */
const SOON_MS = 1_000

/**
 * Stops the calls to a backend that keeps failing. After a while one call is let through at a time, and its
 * outcome closes the breaker or opens it again.
 */
export class Breaker {
  readonly #options: BreakerOptions
  readonly #now: () => number
  #state: State = CLOSED
  /** Passes of an earlier state, or of a trial that is over, count no more. */
  #pass = 1
  #opened = 0

  constructor(options: BreakerOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  get status(): BreakerStatus {
    const state = this.#state
    return state.kind === 'open' && this.#now() >= state.until ? 'half_open' : state.kind
  }

  /** How often it has opened. */
  get opened(): number {
    return this.#opened
  }

  /** Until a call may be let through, in milliseconds; 0 where one may be now. */
  get retryAfterMs(): number {
    const state = this.#state
    if (state.kind === 'open') return Math.max(0, state.until - this.#now())
    return state.kind === 'half_open' && state.trying ? SOON_MS : 0
  }

  /** @returns the pass of a call that may be made, to be settled once; `undefined` where it may not */
  enter(): number | undefined {
    this.poll()
    const state = this.#state
    if (state.kind === 'open' || (state.kind === 'half_open' && state.trying)) return undefined
    if (state.kind === 'half_open') this.#state = { kind: 'half_open', trying: true }
    return this.#pass
  }

  settle(pass: number, outcome: Outcome): void {
    if (pass !== this.#pass) return
    const state = this.#state
    if (state.kind === 'closed') this.#count(state.failures, outcome)
    else if (state.kind === 'half_open' && state.trying) this.#judge(outcome)
  }

  /** Something was learned without a call. It counts while the breaker is closed. */
  note(outcome: Outcome): void {
    if (this.#state.kind === 'closed') this.#count(this.#state.failures, outcome)
  }

  /** Half opens a breaker whose time has come. */
  poll(): void {
    const state = this.#state
    if (state.kind === 'open' && this.#now() >= state.until)
      this.#become({ kind: 'half_open', trying: false })
  }

  #count(failures: number, outcome: Outcome): void {
    if (outcome === 'failure' && failures + 1 >= this.#options.threshold) this.#open()
    else if (outcome === 'failure') this.#state = { kind: 'closed', failures: failures + 1 }
    else if (outcome === 'success' && failures > 0) this.#state = CLOSED
  }

  #judge(outcome: Outcome): void {
    if (outcome === 'success') this.#become(CLOSED)
    else if (outcome === 'failure') this.#open()
    else {
      this.#pass++
      this.#state = { kind: 'half_open', trying: false }
    }
  }

  #open(): void {
    this.#opened++
    this.#become({ kind: 'open', until: this.#now() + this.#options.openMs })
  }

  #become(state: State): void {
    this.#state = state
    this.#pass++
    this.#options.changed(state.kind)
  }
}
