import type { RedisConfig } from '../core/limits.ts'
import type { Log } from '../core/log.ts'
import type { RecordStore } from '../core/records.ts'
import { RedisClient } from './redis-client.ts'

/** Records in Redis, in base64. */
export class RedisRecords implements RecordStore {
  readonly #redis: RedisClient

  constructor(config: RedisConfig, log: Log) {
    this.#redis = new RedisClient(config, log)
  }

  async get(key: string): Promise<Buffer | undefined> {
    const text = await this.#redis.ask((client) => client.get(this.#redis.key(key)))
    return text === null ? undefined : Buffer.from(text, 'base64')
  }

  async set(key: string, record: Buffer, ttlMs: number): Promise<void> {
    const expiration = { type: 'PX', value: Math.max(1, Math.ceil(ttlMs)) } as const
    await this.#redis.ask((client) =>
      client.set(this.#redis.key(key), record.toString('base64'), { expiration }),
    )
  }

  async remove(key: string): Promise<void> {
    await this.#redis.ask((client) => client.del(this.#redis.key(key)))
  }

  close(): Promise<void> {
    return this.#redis.close()
  }
}
