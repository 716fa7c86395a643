import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Redis, startRedis } from '../../test/fixtures/redis.ts'
import type { RedisConfig } from '../core/limits.ts'
import { type Log, silent } from '../core/log.ts'
import { createBuckets } from './index.ts'
import { RedisBuckets } from './redis.ts'

let redis: Redis
let said: string[] = []
const open: RedisBuckets[] = []

beforeAll(async () => {
  redis = await startRedis({ password: 's3cret' })
}, 60_000)
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()))
  said = []
})
afterAll(() => redis.stop())

function store(more: Partial<RedisConfig> = {}): RedisBuckets {
  const say = (fields: object, message: string) => void said.push(`${message} ${JSON.stringify(fields)}`)
  const log: Log = { debug: say, info: say, warn: say, error: say }
  const made = new RedisBuckets(
    { address: redis.address, db: 0, keyPrefix: 't:', password: 's3cret', ...more },
    log,
  )
  open.push(made)
  return made
}

const bucket = (key: string, maxTokens = 2, refillMs = 60_000) => ({ key, maxTokens, refillMs })

it('lets so many through, whichever of two gateways asks, and says how long to wait', async () => {
  const [one, other] = [store(), store()]
  const taken = await Promise.all(
    Array.from({ length: 40 }, (_, call) => (call % 2 === 0 ? one : other).take([bucket('{x}:shared', 7)])),
  )
  expect(taken.filter((wait) => wait === 0)).toHaveLength(7)
  for (const wait of taken) if (wait > 0) expect(wait).toBeLessThanOrEqual(Math.ceil(60_000 / 7))
})

it('takes from all or from none, and refills as time goes by', async () => {
  const buckets = store()
  const [wide, narrow] = [bucket('{y}:wide', 3), bucket('{y}:narrow', 1, 200)]
  expect(await buckets.take([wide, narrow])).toBe(0)
  for (let tries = 0; tries < 3; tries++) expect(await buckets.take([wide, narrow])).toBeGreaterThan(0)
  await new Promise((resolve) => setTimeout(resolve, 210))
  expect(await buckets.take([wide, narrow])).toBe(0)
  expect(await buckets.take([wide])).toBe(0)
  expect(await buckets.take([wide])).toBeGreaterThan(0)
})

it('keeps a bucket under its prefix for twice the time that it takes to fill up', async () => {
  await store({ keyPrefix: 'p:' }).take([bucket('{z}:user:u', 5, 30_000)])
  const client = createClient({ url: `redis://:s3cret@${redis.address}` })
  await client.connect()
  expect(await client.keys('p:*')).toEqual(['p:{z}:user:u'])
  const left = await client.pTTL('p:{z}:user:u')
  expect(left).toBeGreaterThan(50_000)
  expect(left).toBeLessThanOrEqual(60_000)
  await client.scriptFlush()
  client.destroy()
  expect(await store({ keyPrefix: 'p:' }).take([bucket('{z}:user:u', 5, 30_000)])).toBe(0)
})

it('fails at once while there is no Redis, says so once, and goes on when there is', async () => {
  const gone = await startRedis({ password: 's3cret' })
  await gone.stop()
  const buckets = store({ address: gone.address })
  for (let tries = 0; tries < 3; tries++) await expect(buckets.take([bucket('a')])).rejects.toThrow()
  expect(said).toHaveLength(1)
  expect(said[0]).toContain('Redis cannot be reached')
  const back = await startRedis({ password: 's3cret', port: Number(gone.address.split(':')[1]) })
  try {
    await expect.poll(() => buckets.take([bucket('a')]).catch(() => 'down'), { timeout: 10_000 }).toBe(0)
  } finally {
    await back.stop()
  }
}, 30_000)

it('fails where the password is wrong, without telling it', async () => {
  await expect(store({ password: 'guess' }).take([bucket('a')])).rejects.toThrow()
  expect(said.join()).toContain('Redis cannot be reached')
  expect(said.join()).not.toContain('guess')
})

it('does not wait long for a Redis that hangs', async () => {
  const hanging = await startRedis({ password: 's3cret' })
  const buckets = store({ address: hanging.address })
  expect(await buckets.take([bucket('a')])).toBe(0)
  hanging.process.kill('SIGSTOP')
  await expect(buckets.take([bucket('a')])).rejects.toThrow('Redis did not answer within 1 s')
  hanging.process.kill('SIGCONT')
  await hanging.stop()
}, 30_000)

describe('a Redis that speaks TLS', () => {
  /** Signed by itself, for 127.0.0.1, for tests alone. */
  const cert = fileURLToPath(new URL('../backends/testing/tls/cert.pem', import.meta.url))
  const key = fileURLToPath(new URL('../backends/testing/tls/key.pem', import.meta.url))
  let secure: Redis

  beforeAll(async () => {
    secure = await startRedis({ password: 's3cret', tls: { cert, key } })
  }, 60_000)
  afterAll(() => secure.stop())

  it('is asked when its authority is given', async () => {
    const buckets = store({ address: secure.address, tls: { caCertPath: cert } })
    expect(await buckets.take([bucket('{tls}:shared', 1)])).toBe(0)
    expect(await buckets.take([bucket('{tls}:shared', 1)])).toBeGreaterThan(0)
    expect(said).toEqual([])
  })

  it('is not when it is not, nor in the clear', async () => {
    for (const tls of [{}, undefined]) {
      const buckets = store({ address: secure.address, tls })
      await expect(buckets.take([bucket('{tls}:other')])).rejects.toThrow()
    }
    expect(said).toEqual([
      expect.stringMatching(/Redis cannot be reached .*certificate/),
      expect.stringMatching(/Redis cannot be reached/),
    ])
  })

  it('is refused with a file that is not there, or holds no certificate', () => {
    const config = (caCertPath: string) => ({
      address: secure.address,
      db: 0,
      keyPrefix: 't:',
      tls: { caCertPath },
    })
    expect(() => createBuckets(config('/none/ca.pem'), silent)).toThrow(
      /cannot read .none.ca\.pem \(ENOENT\)/,
    )
    expect(() => createBuckets(config('/dev/null'), silent)).toThrow(/holds no certificate/)
  })
})
