/** A token bucket: so many calls at once, refilled continuously. */
export interface BucketSize {
  readonly maxTokens: number
  /** In which an empty bucket fills up. */
  readonly refillMs: number
}

export interface Limits {
  /** For all callers together. */
  readonly shared?: BucketSize | undefined
  /** For each caller who has a name. */
  readonly perUser?: BucketSize | undefined
}

/** How many tool calls of clients are let through. */
export interface RateLimitConfig extends Limits {
  /** With the name of the server, what gateways that share a store have in common. */
  readonly namespace: string
  /** By advertised name. */
  readonly tools: Readonly<Record<string, Limits>>
  /** Whether calls are let through while the store cannot be asked. */
  readonly failOpen: boolean
  /** Where the buckets are, for gateways that share them; in memory where it is absent. */
  readonly redis?: RedisConfig | undefined
}

export interface RedisConfig {
  /** `host:port`. */
  readonly address: string
  readonly db: number
  /** Before every key. */
  readonly keyPrefix: string
  readonly password?: string | undefined
  /** In the clear where it is absent. */
  readonly tls?: RedisTls | undefined
}

export interface RedisTls {
  /** PEM file with authorities that are trusted beside the usual ones. */
  readonly caCertPath?: string | undefined
}

/** A bucket in a store. */
export interface Bucket extends BucketSize {
  readonly key: string
}

/** Keeps buckets, which are full until something is taken. */
export interface BucketStore {
  readonly type: 'memory' | 'redis'
  /**
   * Takes a token from each of the buckets at once, or from none.
   * @returns milliseconds until there is one in each; 0 when they were taken
   * @throws whatever keeps the store from answering
   */
  take(buckets: readonly Bucket[]): number | Promise<number>
  close(): Promise<void>
}
