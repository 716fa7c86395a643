import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import type { Bucket, BucketStore, RedisConfig } from '../core/limits.ts'
import type { Log } from '../core/log.ts'

const CONNECT_MS = 5_000
/** For one answer. Calls wait for it. */
const ANSWER_MS = 1_000
const LONGEST_PAUSE_MS = 2_000

/**
 * One step for all buckets, by the clock of Redis, which all gateways share. A bucket is forgotten when nothing was
 * taken for twice as long as it takes to fill up.
 */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local wait = 0
local left = {}
for i, key in ipairs(KEYS) do
  local max, refill = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local kept = redis.call('HMGET', key, 'tokens', 'at')
  local tokens = max
  if kept[1] and kept[2] then
    tokens = math.min(max, tonumber(kept[1]) + math.max(0, now - tonumber(kept[2])) * max / refill)
  end
  if tokens < 1 then wait = math.max(wait, (1 - tokens) * refill / max) end
  left[i] = tokens - 1
end
if wait > 0 then return math.ceil(wait) end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'tokens', string.format('%.17g', left[i]), 'at', string.format('%.17g', now))
  redis.call('PEXPIRE', key, math.ceil(2 * ARGV[2 * i]))
end
return 0
`

const TAKE_SHA = createHash('sha1').update(TAKE).digest('hex')

/** Buckets that several gateways share. */
export class RedisBuckets implements BucketStore {
  readonly type = 'redis'
  readonly #client
  readonly #prefix: string
  /** When the first attempt to connect has come to something. */
  readonly #tried: Promise<void>

  constructor({ address, db, keyPrefix, password }: RedisConfig, log: Log) {
    this.#prefix = keyPrefix
    this.#client = createClient({
      url: `redis://${address}`,
      database: db,
      ...(password !== undefined && { password }),
      // While there is no connection, calls are told so at once.
      disableOfflineQueue: true,
      socket: {
        connectTimeout: CONNECT_MS,
        reconnectStrategy: (tries) => Math.min(2 ** tries * 50, LONGEST_PAUSE_MS),
      },
    })
    let isDown = false
    this.#client.on('error', (error: Error) => {
      if (!isDown) log.error({ address, error: error.message }, 'Redis cannot be reached')
      isDown = true
    })
    this.#client.on('ready', () => {
      if (isDown) log.info({ address }, 'Redis can be reached again')
      isDown = false
    })
    this.#tried = new Promise((resolve) => {
      this.#client.once('ready', resolve)
      this.#client.once('error', () => resolve())
    })
    this.#client.connect().catch(() => {})
  }

  async take(buckets: readonly Bucket[]): Promise<number> {
    await this.#tried
    const late = new AbortController()
    const timeout = sleep(ANSWER_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error(`Redis did not answer within ${ANSWER_MS / 1000} s`)
    })
    try {
      return await Promise.race([this.#take(buckets), timeout])
    } finally {
      timeout.catch(() => {})
      late.abort()
    }
  }

  async close(): Promise<void> {
    if (this.#client.isOpen) this.#client.destroy()
  }

  async #take(buckets: readonly Bucket[]): Promise<number> {
    const options = {
      keys: buckets.map(({ key }) => this.#prefix + key),
      arguments: buckets.flatMap(({ maxTokens, refillMs }) => [String(maxTokens), String(refillMs)]),
    }
    try {
      return Number(await this.#client.evalSha(TAKE_SHA, options))
    } catch (error) {
      // Redis has not seen the script since it was started.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return Number(await this.#client.eval(TAKE, options))
    }
  }
}
