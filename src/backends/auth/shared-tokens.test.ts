import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Redis, startRedis } from '../../../test/fixtures/redis.ts'
import type { RedisTls } from '../../core/limits.ts'
import type { TokenCacheConfig } from '../../core/outgoing-auth-config.ts'
import { until } from '../testing.ts'
import { callerWith, Desk, open } from './testing.ts'

let redis: Redis
let desk: Desk
const opened: ReturnType<typeof open>[] = []
const KEY = randomBytes(32).toString('base64')

beforeAll(async () => {
  redis = await startRedis({ password: 's3cret' })
}, 60_000)
beforeEach(async () => {
  desk = await Desk.start()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ keyring }) => keyring.close()))
  await desk.close()
})
afterAll(() => redis.stop())

interface Wish {
  readonly address?: string
  readonly text?: string
  readonly keyPrefix?: string
  readonly tls?: RedisTls
}

function cache({ address = redis.address, text = KEY, keyPrefix = 'v:', tls }: Wish = {}): TokenCacheConfig {
  const key = { text, place: 'THE_KEY' }
  return {
    maxEntries: 100,
    ttlOffsetMs: 30_000,
    redis: { address, db: 0, keyPrefix, password: 's3cret', key, tls },
  }
}

/** One of several gateways. */
function gateway(more: Wish = {}) {
  const it = open(
    {
      type: 'token_exchange',
      endpoint: desk.endpoint(),
      scopes: [],
      subjectTokenType: 'urn:ietf:params:oauth:token-type:access_token',
    },
    cache(more),
  )
  opened.push(it)
  return it
}

const keys = async (keyPrefix: string) => {
  const client = createClient({ url: `redis://:s3cret@${redis.address}` })
  await client.connect()
  const names = await client.keys(`${keyPrefix}*`)
  const entries = await Promise.all(
    names.map(async (name) => ({
      name,
      value: (await client.get(name)) ?? '',
      left: await client.pTTL(name),
    })),
  )
  client.destroy()
  return entries
}

const settled = (keyPrefix: string, count: number) =>
  expect.poll(async () => (await keys(keyPrefix)).length).toBe(count)

const alice = callerWith('token-of-alice')

it('a token that one gateway has got is used by the others, and goes when it expires', async () => {
  const prefix = { keyPrefix: 'share:' }
  expect(await gateway(prefix).token(alice)).toBe('got-1')
  await settled('share:', 1)
  expect(await gateway(prefix).token(alice)).toBe('got-1')
  expect(desk.asked).toHaveLength(1)
  const [entry] = await keys('share:')
  expect(entry?.left).toBeGreaterThan(560_000)
  expect(entry?.left).toBeLessThanOrEqual(570_000)
})

it('nothing that is secret can be read in Redis, the names of keys included', async () => {
  await gateway({ keyPrefix: 'sealed:' }).token(alice)
  await settled('sealed:', 1)
  const [{ name = '', value = '' } = {}] = await keys('sealed:')
  const text = name + value + Buffer.from(value, 'base64').toString('latin1')
  expect(value.length).toBeGreaterThan(50)
  for (const secret of ['got-1', 'token-of-alice', 'alice', KEY]) expect(text).not.toContain(secret)
})

it('a gateway with another key, and one that finds something else there, gets a token of its own', async () => {
  const prefix = { keyPrefix: 'other:' }
  await gateway(prefix).token(alice)
  await settled('other:', 1)
  const text = randomBytes(32).toString('hex')
  expect(await gateway({ ...prefix, text }).token(alice)).toBe('got-2')
  const client = createClient({ url: `redis://:s3cret@${redis.address}` })
  await client.connect()
  for (const name of await client.keys('other:*')) await client.set(name, 'bm90aGluZw==')
  client.destroy()
  expect(await gateway(prefix).token(alice)).toBe('got-3')
})

it('a token that was refused is replaced for all gateways that come after', async () => {
  const prefix = { keyPrefix: 'refused:' }
  const one = gateway(prefix)
  await one.token(alice)
  await settled('refused:', 1)
  expect(await one.refuse('got-1', { caller: alice })).toBe(true)
  expect(await one.token(alice)).toBe('got-2')
  await settled('refused:', 1)
  await expect.poll(() => gateway(prefix).token(alice)).toBe('got-2')
})

it('while Redis is down each gateway gets its own, quickly, and that is in the log once', async () => {
  const one = gateway({ address: '127.0.0.1:9' })
  const before = performance.now()
  for (const name of ['a', 'b', 'c', 'd']) await one.token(callerWith(`token-of-${name}`, name))
  expect(performance.now() - before).toBeLessThan(2_000)
  expect(await one.token(callerWith('token-of-a', 'a'))).toBe('got-1')
  expect(desk.asked).toHaveLength(4)
  await until(() => one.log.lines.some(({ level }) => level === 'error'))
  expect(one.log.lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
    'Redis cannot be reached',
  ])
})

it('without a key nothing is shared, and the log says so', async () => {
  const it = gateway({ keyPrefix: 'keyless:', text: 'short' })
  expect(await it.token(alice)).toBe('got-1')
  expect(it.log.lines.map(({ message }) => message)).toContain(
    'tokens are not shared: there is no key to encrypt them with',
  )
  expect(JSON.stringify(it.log.lines)).not.toContain('short')
  expect(await keys('keyless:')).toEqual([])
})

describe('in a Redis that speaks TLS', () => {
  const file = (name: string) => fileURLToPath(new URL(`../testing/tls/${name}.pem`, import.meta.url))
  let secure: Redis

  beforeAll(async () => {
    secure = await startRedis({ password: 's3cret', tls: { cert: file('leaf'), key: file('leaf-key') } })
  }, 60_000)
  afterAll(() => secure.stop())

  it('tokens are shared where its authority is given', async () => {
    const there = { address: secure.address, tls: { caCertPath: file('authority') } }
    expect(await gateway(there).token(alice)).toBe('got-1')
    await expect.poll(() => gateway(there).token(alice)).toBe('got-1')
    expect(desk.asked).toHaveLength(1)
  })

  it.each([
    ['another', file('cert'), /^Redis cannot be reached .*certificate/],
    ['none', '/dev/null', /^tokens are not shared .*holds no certificate/],
    ['what is not there', '/none/ca.pem', /^tokens are not shared .*cannot read .none.ca\.pem/],
  ])('tokens are not where %s is given, and the log says so', async (_, caCertPath, words) => {
    const one = gateway({ address: secure.address, tls: { caCertPath } })
    expect(await one.token(alice)).toBe('got-1')
    expect(await one.token(alice)).toBe('got-1')
    const errors = () => one.log.lines.filter(({ level }) => level === 'error')
    await until(() => errors().length > 0)
    expect(errors().map(({ message, fields }) => `${message} ${fields['error']}`)).toEqual([
      expect.stringMatching(words),
    ])
  })
})
