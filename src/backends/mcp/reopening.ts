const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 30_000
/** A stream that lived this long did not fail at once. */
const STEADY_MS = 10_000

/** Opens a stream, and again whenever it is said to have broken, later and later while it breaks at once. */
export class Reopening {
  readonly #open: () => void
  #timer: NodeJS.Timeout | undefined
  #delay = FIRST_DELAY_MS
  #since = 0

  constructor(open: () => void) {
    this.#open = open
  }

  start(): void {
    clearTimeout(this.#timer)
    this.#since = performance.now()
    this.#open()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  broke(): void {
    if (performance.now() - this.#since > STEADY_MS) this.#delay = FIRST_DELAY_MS
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.start(), this.#delay).unref()
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY_MS)
  }
}
