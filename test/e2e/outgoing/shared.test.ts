import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createClient } from 'redis'
import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import type { Idp } from '../../fixtures/idp/idp.ts'
import { type Redis, startRedis } from '../../fixtures/redis.ts'
import { ROOT } from '../../fixtures/root.ts'
import { Stage } from '../../fixtures/stage.ts'
import { replaceFile, statusOf } from '../live/served.ts'
import { as, client, guarded, guardedConfig, SECRET, startIdp } from './parts.ts'

const stage = closedAfterAll(new Stage())
const TLS = join(ROOT, 'src/backends/testing/tls')
const AUDIENCE = 'https://backend.example/mcp'
let idp: Idp
let redis: Redis
let hdr: string

beforeAll(async () => {
  ;[idp, redis] = await Promise.all([startIdp(stage), startRedis()])
  stage.defer(() => redis.stop())
  hdr = (await stage.hosted('hdr', { era: 'both' })).ready
}, 60_000)
const strategies = () => ({
  h: {
    url: hdr,
    strategy: { type: 'token_exchange', tokenExchange: { ...client(idp), audience: AUDIENCE } },
  },
})
/** @param there where the tokens are shared */
const cachedIn = (there: object) => ({
  tokenCache: { provider: 'redis', config: { ...there, ttlOffset: '1m' } },
})
const env = { VMCP_TOKEN_CACHE_KEY: randomBytes(32).toString('base64') }
const gateway = (there: object = { address: redis.address }) =>
  guarded(stage, idp, strategies(), { more: cachedIn(there), env })

async function sent(url: Awaited<ReturnType<typeof gateway>>, token: string): Promise<string> {
  const result = await as(stage, url, token).result('tools/call', { name: 'h_headers', arguments: {} })
  return /Bearer [\w.-]+/.exec(JSON.stringify(result))?.[0] ?? ''
}

test('gateways share the tokens of callers in Redis, where nobody can read them', async () => {
  const [one, other] = await Promise.all([gateway(), gateway()])
  const token = await idp.token({ subject: 'alice' })
  const first = await sent(one, token)
  const before = idp.granted.length
  expect(before).toBeGreaterThan(0)
  expect(first).toMatch(/^Bearer ey/)
  expect(await sent(other, token)).toBe(first)
  expect(idp.granted).toHaveLength(before)
  const [keys, values] = await within(redis, async (db) => {
    const found = await db.keys('*')
    return [found, await Promise.all(found.map((key) => db.get(key)))] as const
  })
  expect(keys.length).toBeGreaterThan(0)
  for (const key of keys) expect(key).toMatch(/^vmcp:tokens:[\w-]{43}$/)
  expect(JSON.stringify(values)).not.toContain(first.slice(-30))
  for (const gone of [one, other]) await gone.stop()
})

test('also over TLS, with an authority of its own', async () => {
  const tls = { cert: join(TLS, 'leaf.pem'), key: join(TLS, 'leaf-key.pem') }
  const secure = await startRedis({ tls })
  stage.defer(() => secure.stop())
  const address = `rediss://${secure.address}`
  const there = { address, caCertPath: join(TLS, 'authority.pem') }
  const [one, other] = await Promise.all([gateway(there), gateway(there)])
  const token = await idp.token({ subject: 'carol' })
  const first = await sent(one, token)
  expect(first).toMatch(/^Bearer ey/)
  expect(await sent(other, token)).toBe(first)
  const stranger = await gateway({ address })
  expect(await sent(stranger, token)).not.toBe(first)
  expect(stranger.stderr()).toMatch(/Redis cannot be reached.*certificate/)
  for (const gone of [one, other, stranger]) await gone.stop()
})

test('another Redis takes the place of the one that tokens were shared in, while the gateway serves', async () => {
  const next = await startRedis()
  stage.child(next)
  const settings = (more: object) => guardedConfig(idp, strategies(), more)
  const file = await stage.file('vmcp.yaml', settings(cachedIn({ address: redis.address })))
  const one = await stage.gateway({ args: ['--config', file], env: { ...SECRET, ...env } })
  const become = async (more: object, generation: number) => {
    await replaceFile(file, settings(more))
    await eventually(async () =>
      expect((await statusOf(one.ready)).configuration.generation).toBe(generation),
    )
  }
  const [carol, dave, erin] = (await Promise.all(
    ['carol', 'dave', 'erin'].map((subject) => idp.token({ subject })),
  )) as [string, string, string]
  const first = await sent(one, carol)
  const before = await entries(redis)
  await become(cachedIn({ address: next.address }), 2)
  // What it has is good still, and what comes is shared with those who use the next.
  expect(await sent(one, carol)).toBe(first)
  const daves = await sent(one, dave)
  expect([await entries(redis), await entries(next)]).toEqual([before, 1])
  expect(await sent(await gateway({ address: next.address }), dave)).toBe(daves)
  await eventually(async () => expect(await clientsOf(redis)).toBe(0))
  const shared = await entries(next)
  await become({ tokenCache: { provider: 'memory', config: {} } }, 3)
  expect(await sent(one, erin)).toMatch(/^Bearer ey/)
  expect(await entries(next)).toBe(shared)
})

/** Looks into Redis by itself. */
async function within<T>({ address }: Redis, look: (db: Db) => Promise<T>): Promise<T> {
  const db = createClient({ url: `redis://${address}` })
  await db.connect()
  try {
    return await look(db as Db)
  } finally {
    db.destroy()
  }
}

type Db = ReturnType<typeof createClient>

const entries = (at: Redis) => within(at, (db) => db.dbSize())
/** Connections besides the one that asks. */
const clientsOf = (at: Redis) => within(at, async (db) => (await db.clientList()).length - 1)

test('a gateway goes on when Redis has gone', async () => {
  const one = await gateway()
  const [alice, bob] = await Promise.all(['alice', 'bob'].map((subject) => idp.token({ subject })))
  await sent(one, alice ?? '')
  await redis.stop()
  expect(await sent(one, alice ?? '')).toMatch(/^Bearer ey/)
  expect(await sent(one, bob ?? '')).toMatch(/^Bearer ey/)
  expect(one.stderr().match(/Redis cannot be reached/g)).toHaveLength(1)
})
