import { GatewayError } from '../core/errors.ts'
import { type Backend, lastReady } from '../core/ports.ts'
import { unavailable } from './refusals.ts'

/** How long requests wait for backends that are being connected, in milliseconds. */
export interface Patience {
  /** From the start, for all of them. */
  readonly graceMs: number
  /** From a request on, for the first of them. */
  readonly firstMs: number
}

export const PATIENCE: Patience = { graceMs: 2_000, firstMs: 30_000 }

/**
 * Lets requests wait until there is something to answer with: until every backend has answered or failed, or
 * the grace is over and one has answered.
 */
export class Waiting {
  readonly #backends: readonly Backend[]
  readonly #patience: Patience
  readonly #waiters = new Set<() => void>()
  readonly #graceEnds: number
  #closed = false
  #ended = false

  constructor(backends: readonly Backend[], patience: Patience) {
    this.#backends = backends
    this.#patience = patience
    this.#graceEnds = performance.now() + patience.graceMs
  }

  /** Whether some backend is still being connected, so that what is missing may yet come. */
  get isOpen(): boolean {
    return !this.#ended && this.#backends.some(({ state }) => state.status === 'connecting')
  }

  /** @throws GatewayError `unavailable` when no backend has anything, `cancelled` */
  async over(signal: AbortSignal): Promise<void> {
    const giveUp = performance.now() + this.#patience.firstMs
    for (;;) {
      if (signal.aborted) throw new GatewayError('cancelled', 'the request was cancelled')
      if (this.#closed) throw new GatewayError('unavailable', 'the gateway is closing')
      const now = performance.now()
      const offered = this.#backends.some(
        ({ state }) => state.status === 'reserved' || lastReady(state) !== undefined,
      )
      if (offered && (!this.isOpen || now >= this.#graceEnds)) return
      if (!offered && (!this.isOpen || now >= giveUp)) {
        if (this.#backends.length === 0) return
        throw unavailable(this.#backends)
      }
      await this.#next((offered ? this.#graceEnds : giveUp) - now, signal)
    }
  }

  /** A backend's state was replaced. */
  wake(): void {
    for (const waiter of [...this.#waiters]) waiter()
  }

  /** Nobody waits from now on. */
  end(): void {
    this.#ended = true
    this.wake()
  }

  close(): void {
    this.#closed = true
    this.wake()
  }

  /** Until the next change, the time, or the signal. */
  #next(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiters.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, Math.max(1, Math.ceil(ms)))
      this.#waiters.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
