import { createHash } from 'node:crypto'
import type { Bucket, BucketStore, RedisConfig } from '../core/limits.ts'
import type { Log } from '../core/log.ts'
import { RedisClient, type RedisCommands } from './redis-client.ts'

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
  readonly #redis: RedisClient

  constructor(config: RedisConfig, log: Log) {
    this.#redis = new RedisClient(config, log)
  }

  take(buckets: readonly Bucket[]): Promise<number> {
    const options = {
      keys: buckets.map(({ key }) => this.#redis.key(key)),
      arguments: buckets.flatMap(({ maxTokens, refillMs }) => [String(maxTokens), String(refillMs)]),
    }
    return this.#redis.ask((client) => take(client, options))
  }

  close(): Promise<void> {
    return this.#redis.close()
  }
}

async function take(
  client: RedisCommands,
  options: { keys: string[]; arguments: string[] },
): Promise<number> {
  try {
    return Number(await client.evalSha(TAKE_SHA, options))
  } catch (error) {
    // Redis has not seen the script since it was started.
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return Number(await client.eval(TAKE, options))
  }
}
