export interface RetryTimes {
  /** Before the first retry, in milliseconds; it doubles with each further one. */
  readonly delayMs: number
  readonly maxDelayMs: number
}

/** The wait before a retry, counted from 1: between a half and the whole of what the doubling gives. */
export function retryDelay(retry: number, times: RetryTimes, random: () => number = Math.random): number {
  const base = Math.min(times.delayMs * 2 ** (retry - 1), times.maxDelayMs)
  return Math.round(base * (0.5 + 0.5 * random()))
}

/** Retries that may be made when there were hardly any calls yet. */
const RESERVE = 10

/** Keeps retries to a share of the calls, so that they cannot make an overload worse: a bucket that calls fill. */
export class RetryBudget {
  readonly #share: number
  #tokens = RESERVE

  /** @param share of the calls, from 0 to 1 */
  constructor(share: number) {
    this.#share = share
  }

  /** A call was made. */
  deposit(): void {
    this.#tokens = Math.min(RESERVE, this.#tokens + this.#share)
  }

  /** @returns whether a retry may be made */
  withdraw(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
