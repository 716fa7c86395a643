import { GatewayError } from '../../core/errors.ts'
import type { Bucket, BucketStore } from '../../core/limits.ts'
import type { Log } from '../../core/log.ts'
import type { Meter, Recorder } from '../../core/meter.ts'

/** After a failure the store is left alone for so long. */
const PAUSE_MS = 1_000

const DECISIONS = {
  name: 'toolhive_rate_limit_decisions',
  description: 'Tool calls by whether the rate limits let them through',
}
const ERRORS = {
  name: 'toolhive_rate_limit_redis_errors',
  description: 'Times that the store of the rate limits could not be asked',
}
const LATENCY = {
  name: 'toolhive_rate_limit_check_latency',
  description: 'Time to ask the store of the rate limits',
}

type Decision = 'allowed' | 'rejected' | 'unchecked'

/** Where calls pass that are counted, and are let through or not. */
export class Gate {
  readonly #store: BucketStore
  readonly #log: Log
  readonly #counts: Record<Decision, number> = { allowed: 0, rejected: 0, unchecked: 0 }
  #decided: Readonly<Record<Decision, Recorder>> | undefined
  #failed: Recorder | undefined
  #took: Recorder | undefined
  #pausedUntil = 0
  #failing: string | undefined

  constructor(store: BucketStore, { log, meter }: { readonly log: Log; readonly meter?: Meter | undefined }) {
    this.#store = store
    this.#log = log
    this.count(meter)
  }

  /** From now on what passes is counted there. */
  count(meter: Meter | undefined): void {
    const series = meter?.counter(DECISIONS)
    this.#decided = series && {
      allowed: series({ decision: 'allowed' }),
      rejected: series({ decision: 'rejected' }),
      unchecked: series({ decision: 'unchecked' }),
    }
    this.#failed = meter?.counter(ERRORS)({})
    this.#took = meter?.timing(LATENCY)({})
  }

  /** What an operator is told. */
  get state() {
    const { allowed, rejected, unchecked } = this.#counts
    const failing = this.#failing === undefined ? {} : { failing: this.#failing }
    return { store: this.#store.type, allowed, rejected, unchecked, ...failing }
  }

  /** @throws GatewayError `rate_limited`; `unavailable` where the store is not to be had and that does not do */
  async pass(buckets: readonly Bucket[], tool: string, failOpen: boolean): Promise<void> {
    const wait = await this.#ask(buckets)
    this.#count(wait === undefined ? 'unchecked' : wait > 0 ? 'rejected' : 'allowed')
    if (wait === undefined && !failOpen) throw unchecked()
    if (wait !== undefined && wait > 0) throw rejected(tool, Math.ceil(wait / 1000))
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  /** @returns `undefined` where the store does not answer */
  async #ask(buckets: readonly Bucket[]): Promise<number | undefined> {
    const began = performance.now()
    if (began < this.#pausedUntil) return undefined
    try {
      const taken = this.#store.take(buckets)
      const wait = typeof taken === 'number' ? taken : await taken
      this.#took?.((performance.now() - began) / 1000)
      this.#works()
      return wait
    } catch (error) {
      this.#fails(error)
      return undefined
    }
  }

  #count(decision: Decision): void {
    this.#counts[decision]++
    this.#decided?.[decision](1)
  }

  #works(): void {
    if (this.#failing !== undefined) this.#log.info({}, 'the rate limits are checked again')
    this.#failing = undefined
  }

  /** Told once, however long it lasts. */
  #fails(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    if (this.#failing === undefined) this.#log.error({ error: message }, 'the rate limits cannot be checked')
    this.#failing = message
    this.#pausedUntil = performance.now() + PAUSE_MS
    this.#failed?.(1)
  }
}

function rejected(tool: string, retryAfterSeconds: number): GatewayError {
  return new GatewayError(
    'rate_limited',
    `rate limit of tool '${tool}' exceeded: try again in ${retryAfterSeconds} s`,
    {
      data: { retryAfterSeconds },
    },
  )
}

function unchecked(): GatewayError {
  return new GatewayError('unavailable', 'the rate limits cannot be checked now: try again later', {
    data: { reason: 'limits_unchecked', retryAfterSeconds: Math.ceil(PAUSE_MS / 1000) },
  })
}
