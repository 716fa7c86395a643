import type { HealthPolicy } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Home } from './home.ts'
import type { Connection } from './mcp/connection.ts'
import { Failure } from './mcp/failure.ts'
import { wantsCredentials } from './outcome.ts'
import type { Vitals } from './vitals.ts'

export interface MonitorOptions {
  readonly name: string
  readonly policy: HealthPolicy
  readonly home: Home
  readonly vitals: Vitals
  /** Whether outgoing credentials are configured, so that a server that wants others is there all the same. */
  readonly authenticates: boolean
  /** Calls in progress. */
  readonly calls: () => number
}

/**
 * Asks one server at its interval how it does, over the connection that stands: `ping`, or `server/discover` in the
 * later era. Where there is no connection, the check is the next attempt to make one. No check is made on
 * behalf of a user, nor while the breaker is open.
 */
export class Monitor {
  readonly #options: MonitorOptions
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  #checking = false
  /** The version of a server that refuses checks also right after it was connected anew. */
  #refuser: string | undefined
  /** The connection was made anew since it kept silent, and no check has passed since. */
  #renewed = false

  constructor(options: MonitorOptions) {
    this.#options = options
    this.#schedule()
  }

  /** Whether what happens to the connection now is part of a check, which counts it. */
  get isChecking(): boolean {
    return this.#checking
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    const { intervalMs } = this.#options.policy
    this.#timer = setTimeout(() => void this.#tick(), intervalMs * (0.9 + 0.2 * Math.random())).unref()
  }

  async #tick(): Promise<void> {
    const { vitals } = this.#options
    const pass = vitals.tryEnter()
    if (pass !== undefined) {
      this.#checking = true
      const error = await this.#check()
      this.#checking = false
      if (this.#stopped) vitals.settle(pass, 'neither')
      else vitals.settle(pass, error === undefined ? 'success' : 'failure', error)
    }
    if (!this.#stopped) this.#schedule()
  }

  /** @returns why the check failed, where it did */
  async #check(): Promise<GatewayError | undefined> {
    const { home, policy, vitals } = this.#options
    const { connection } = home
    const deadline = AbortSignal.timeout(policy.timeoutMs)
    const began = performance.now()
    try {
      if (connection === undefined) await home.nextAttempt(deadline)
      else await connection.probe(deadline)
      this.#refuser = undefined
      this.#renewed &&= connection === undefined
    } catch (thrown) {
      const error = deadline.aborted ? this.#late() : GatewayError.from(thrown)
      if (this.#stopped) return error
      if (connection === undefined || !this.#isAlive(connection, error)) {
        vitals.failed(error)
        if (connection !== undefined && connection === home.connection) this.#doubt(connection, error)
        return error
      }
    }
    // That connecting takes its time says nothing about the answers to come.
    if (!this.#stopped) vitals.succeeded(connection === undefined ? 0 : performance.now() - began)
    return undefined
  }

  /** Some answer is an answer. */
  #isAlive(connection: Connection, error: GatewayError): boolean {
    const failure = Failure.of(error)
    if (failure?.status === 429) return true
    if (wantsCredentials(error)) return this.#options.authenticates
    return failure?.isRefusal === true && this.#refuser === connection.server.version
  }

  /**
   * A server that refuses may have been replaced by one of the other era; one that keeps silent may have been
   * forgotten by the network, which a new connection mends or does not. Where calls are in progress it may just be
   * busy with them.
   */
  #doubt(connection: Connection, error: GatewayError): void {
    const { home, vitals, policy, calls } = this.#options
    if (Failure.of(error)?.isRefusal === true) this.#refuser = connection.server.version
    else {
      const isLost = error.code === 'timeout' && vitals.health.failures >= policy.threshold
      if (!isLost || this.#renewed || calls() > 0) return
      this.#renewed = true
    }
    home.doubt(error)
  }

  #late(): GatewayError {
    const { name, policy } = this.#options
    const message = `backend '${name}' did not answer a health check within ${policy.timeoutMs} ms`
    return new GatewayError('timeout', message)
  }
}
