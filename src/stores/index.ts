import type { Bucket, BucketStore, RedisConfig } from '../core/limits.ts'
import type { Log } from '../core/log.ts'
import type { RecordStore } from '../core/records.ts'
import { authoritiesOf } from './authorities.ts'
import { MemoryBuckets } from './memory.ts'

export { isKey } from './key.ts'

/**
 * Buckets in Redis, or in memory where none is named. What talks to Redis is loaded only where it is.
 * @throws GatewayError `config` when its file of authorities cannot be had
 */
export function createBuckets(redis: RedisConfig | undefined, log: Log): BucketStore {
  if (redis === undefined) return new MemoryBuckets()
  if (redis.tls !== undefined) authoritiesOf(redis.tls)
  const loading = import('./redis.ts').then(({ RedisBuckets }) => new RedisBuckets(redis, log))
  return {
    type: 'redis',
    take: async (buckets: readonly Bucket[]) => (await loading).take(buckets),
    close: async () => (await loading).close(),
  }
}

/** Records in Redis. @throws GatewayError `config` as above */
export function createRecords(redis: RedisConfig, log: Log): RecordStore {
  if (redis.tls !== undefined) authoritiesOf(redis.tls)
  const loading = import('./redis-records.ts').then(({ RedisRecords }) => new RedisRecords(redis, log))
  return {
    get: async (key) => (await loading).get(key),
    set: async (key, record, ttlMs) => (await loading).set(key, record, ttlMs),
    remove: async (key) => (await loading).remove(key),
    close: async () => (await loading).close(),
  }
}
