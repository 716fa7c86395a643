import { isDeepStrictEqual } from 'node:util'
import type { Exchange, Result } from '../core/call.ts'
import type { Resilience } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { BackendRequest } from '../core/ports.ts'
import { Bulkhead } from '../resilience/bulkhead.ts'
import { RetryBudget, retryDelay } from '../resilience/retry.ts'
import { Pause } from './backoff.ts'
import { inTime } from './cancelled.ts'
import { Failure } from './mcp/failure.ts'
import type { Terms } from './terms.ts'

export type GuardTerms = Pick<Terms, 'name' | 'timeoutMs' | 'resilience'>

/** Makes the call once. @param began when its time began to run, by `performance.now()` */
export type Attempt = (request: BackendRequest, exchange: Exchange, began: number) => Promise<Result>

type Bounds = Pick<Resilience, 'bulkhead' | 'retry'>

const RETRY_AFTER_SECONDS = 1

/** What every call to a backend passes: the bound on how many there are at a time, and retries where they are safe. */
export class Guard {
  readonly #terms: GuardTerms
  readonly #attempt: Attempt
  readonly #bulkhead: Bulkhead
  readonly #made: Bounds
  readonly #budget: RetryBudget | undefined

  constructor(terms: GuardTerms, attempt: Attempt) {
    this.#terms = terms
    this.#attempt = attempt
    const { bulkhead, retry } = terms.resilience
    this.#made = { bulkhead, retry }
    this.#bulkhead = new Bulkhead(bulkhead)
    this.#budget = retry && new RetryBudget(retry.budget)
  }

  /** Whether another one would count in the same way. */
  get isCurrent(): boolean {
    const { bulkhead, retry } = this.#terms.resilience
    return isDeepStrictEqual({ bulkhead, retry }, this.#made)
  }

  get queued(): number {
    return this.#bulkhead.queued
  }

  async run(request: BackendRequest, exchange: Exchange): Promise<Result> {
    const began = performance.now()
    if (!this.#bulkhead.enter()) await this.#queue(exchange)
    try {
      if (this.#budget === undefined) return await this.#attempt(request, exchange, began)
      return await this.#withRetries(request, exchange, began)
    } finally {
      this.#bulkhead.leave()
    }
  }

  /** @throws GatewayError `unavailable` when the queue is full, or the time is over before there is a place */
  async #queue({ signal }: Exchange): Promise<void> {
    const waiter = this.#bulkhead.queue()
    if (waiter === undefined) throw this.#overload('is at its limit of calls, and so is the queue for it')
    const ms = this.#terms.timeoutMs
    const late = () => this.#overload(`had no place for the call within ${ms} ms`)
    try {
      await inTime(waiter.place, { signal, ms, late })
    } catch (error) {
      if (!waiter.quit()) this.#bulkhead.leave()
      throw error
    }
  }

  async #withRetries(request: BackendRequest, exchange: Exchange, began: number): Promise<Result> {
    this.#budget?.deposit()
    for (let retry = 1; ; retry++) {
      try {
        return await this.#attempt(request, exchange, began)
      } catch (error) {
        if (!(await this.#mayRetry(retry, { request, exchange, began, error }))) throw error
      }
    }
  }

  /** Waits before the retry where there may be one. */
  async #mayRetry(retry: number, failed: Failed): Promise<boolean> {
    const { timeoutMs, resilience } = this.#terms
    const policy = resilience.retry
    if (policy === undefined || retry >= policy.attempts || !isSafe(failed)) return false
    const delayMs = retryDelay(retry, policy)
    if (performance.now() - failed.began + delayMs >= timeoutMs) return false
    if (this.#budget?.withdraw() !== true) return false
    const { signal } = failed.exchange
    await new Pause().begin(delayMs, signal)
    return !signal.aborted
  }

  #overload(what: string): GatewayError {
    const { name } = this.#terms
    const data = { backend: name, reason: 'overloaded', retryAfterSeconds: RETRY_AFTER_SECONDS }
    return new GatewayError('unavailable', `backend '${name}' ${what}; try again later`, { data })
  }
}

interface Failed {
  readonly request: BackendRequest
  readonly exchange: Exchange
  readonly began: number
  readonly error: unknown
}

/** Whether the call was surely not made, or does no harm when it is made twice. */
function isSafe({ request, error }: Failed): boolean {
  const failure = Failure.of(error)
  if (failure?.kind === 'unsent') return true
  const lost = failure?.kind === 'broken' || (failure?.status ?? 0) >= 500
  return lost && isRepeatable(request)
}

/** Reads are; of tools, those that say so (MCP, schema, ToolAnnotations), or that an override says it of. */
function isRepeatable({ call, item }: BackendRequest): boolean {
  if (call.kind !== 'tool')
    return call.kind === 'prompt' || call.kind === 'resource' || call.kind === 'completion'
  const { readOnlyHint, idempotentHint } = (item.definition['annotations'] ?? {}) as Record<string, unknown>
  return readOnlyHint === true || idempotentHint === true
}
