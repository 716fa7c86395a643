import type { Bucket, BucketStore } from '../core/limits.ts'

/** Buckets that are kept. Beyond it the least recently used is forgotten, and so is full again. */
const MOST = 100_000
/** The least recently used that are looked at for each call, whether they are full by now and need not be kept. */
const LOOKED_AT = 2

interface Kept {
  tokens: number
  /** Of the count, by `performance.now()`. */
  at: number
  refillMs: number
}

/** Buckets of this process alone. */
export class MemoryBuckets implements BucketStore {
  readonly type = 'memory'
  readonly #most: number
  /** The least recently used first. */
  readonly #kept = new Map<string, Kept>()

  constructor(most = MOST) {
    this.#most = most
  }

  get size(): number {
    return this.#kept.size
  }

  take(buckets: readonly Bucket[], now = performance.now()): number {
    let wait = 0
    for (const bucket of buckets) {
      const tokens = this.#tokensIn(bucket, now)
      if (tokens < 1) wait = Math.max(wait, ((1 - tokens) * bucket.refillMs) / bucket.maxTokens)
    }
    if (wait > 0) return wait
    for (const bucket of buckets)
      this.#put(bucket, { tokens: this.#tokensIn(bucket, now) - 1, at: now, refillMs: bucket.refillMs })
    this.#forget(now)
    return 0
  }

  async close(): Promise<void> {
    this.#kept.clear()
  }

  #tokensIn({ key, maxTokens, refillMs }: Bucket, now: number): number {
    const kept = this.#kept.get(key)
    if (kept === undefined) return maxTokens
    return Math.min(maxTokens, kept.tokens + ((now - kept.at) * maxTokens) / refillMs)
  }

  #put({ key }: Bucket, kept: Kept): void {
    this.#kept.delete(key)
    this.#kept.set(key, kept)
  }

  #forget(now: number): void {
    let looked = 0
    for (const [key, { at, refillMs }] of this.#kept) {
      if (this.#kept.size <= this.#most && (looked++ >= LOOKED_AT || now - at < refillMs)) return
      this.#kept.delete(key)
    }
  }
}
