import { GatewayError } from '../../../core/errors.ts'
import type { Log } from '../../../core/log.ts'

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/** Whether a service is out of reach, and when it is worth asking it again. Logs the beginning and the end once. */
export class Outage {
  readonly #log: Log
  #error: GatewayError | undefined
  #since = new Date()
  #pauseMs = 0
  #until = 0

  constructor(log: Log) {
    this.#log = log
  }

  /** `undefined` where there is none. */
  get error(): GatewayError | undefined {
    return this.#error
  }

  /** When it began or ended last. */
  get since(): Date {
    return this.#since
  }

  /** Whether it is too early to ask again. */
  get isPausing(): boolean {
    return this.#error !== undefined && performance.now() < this.#until
  }

  failed(cause: unknown): void {
    const error = GatewayError.from(cause)
    if (this.#error === undefined) {
      this.#since = new Date()
      this.#log.warn({ err: error }, `tools are found by words only: ${error.message}`)
    }
    this.#error = error
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, this.#pauseMs * 2))
    this.#until = performance.now() + this.#pauseMs
  }

  worked(): void {
    if (this.#error === undefined) return
    this.#error = undefined
    this.#since = new Date()
    this.#pauseMs = 0
    this.#log.info({}, 'tools are found by meaning again')
  }
}
