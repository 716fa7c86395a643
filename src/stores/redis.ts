import type { Bucket, BucketStore, RedisConfig } from '../core/limits.ts'
import type { Log } from '../core/log.ts'
import { RedisClient, script } from './redis-client.ts'

/**
 * One step for all buckets, by the clock of Redis, which all gateways share. A bucket is forgotten when nothing was
 * taken for twice as long as it takes to fill up.
 */
const TAKE = script(`
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
`)

/** Buckets that several gateways share. */
export class RedisBuckets implements BucketStore {
  readonly type = 'redis'
  readonly #redis: RedisClient

  constructor(config: RedisConfig, log: Log) {
    this.#redis = new RedisClient(config, log)
  }

  async take(buckets: readonly Bucket[]): Promise<number> {
    const wait = await this.#redis.run(TAKE, {
      keys: buckets.map(({ key }) => this.#redis.key(key)),
      arguments: buckets.flatMap(({ maxTokens, refillMs }) => [String(maxTokens), String(refillMs)]),
    })
    return Number(wait)
  }

  close(): Promise<void> {
    return this.#redis.close()
  }
}
