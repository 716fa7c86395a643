import { backoff, Pause } from './backoff.ts'

/** A connection that lived this long did not fail at once. */
const STEADY_MS = 3_000
/** Calls wait for a connection as long as no more attempts than these have failed in a row. */
const PATIENCE = 3
/** After more, a call makes the next attempt come at once, if the last one began this long ago, and waits this long. */
const HURRIED_AFTER_MS = 1_000
const HURRIED_MS = 2_000
/** A server that shows nothing to us is asked again after this, or at the next check. */
const RESERVED_MS = 60_000

/** The attempts to connect: how they went, when the next one comes, and how long it is worth waiting for. */
export class Attempts {
  readonly #pause = new Pause()
  #failures = 0
  #beganAt = 0

  begin(): void {
    this.#beganAt = performance.now()
  }

  /** @param wasConnected until now, since it succeeded @returns how many have failed in a row */
  failed(wasConnected: boolean): number {
    const steady = wasConnected && performance.now() - this.#beganAt > STEADY_MS
    this.#failures = steady ? 1 : this.#failures + 1
    return this.#failures
  }

  /** Until the next one is to begin, or sooner where somebody is in a hurry. */
  pause(signal: AbortSignal): Promise<void> {
    return this.#pause.begin(backoff(this.#failures), signal)
  }

  /** The same, where there is no connection to be had and nothing has failed. */
  rest(signal: AbortSignal): Promise<void> {
    this.#failures = 0
    return this.#pause.begin(RESERVED_MS, signal)
  }

  hurry(): void {
    this.#pause.end()
  }

  /** How long a call may still wait for what becomes of them, in milliseconds. Brings on the next one where it is time. */
  patience(): number {
    if (this.#failures <= PATIENCE) return Number.POSITIVE_INFINITY
    const since = performance.now() - this.#beganAt
    if (since >= HURRIED_AFTER_MS && this.#pause.end()) return HURRIED_MS
    return this.#pause.isOn ? 0 : HURRIED_MS - since
  }
}
