import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createClient } from 'redis'
import { beforeAll, expect, test } from 'vitest'
import { closedAfterAll } from '../../fixtures/closed.ts'
import type { Idp } from '../../fixtures/idp/idp.ts'
import { type Redis, startRedis } from '../../fixtures/redis.ts'
import { ROOT } from '../../fixtures/root.ts'
import { Stage } from '../../fixtures/stage.ts'
import { as, client, guarded, startIdp } from './parts.ts'

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
/** @param there where the tokens are shared */
const gateway = (there: object = { address: redis.address }) =>
  guarded(
    stage,
    idp,
    {
      h: {
        url: hdr,
        strategy: { type: 'token_exchange', tokenExchange: { ...client(idp), audience: AUDIENCE } },
      },
    },
    {
      more: { tokenCache: { provider: 'redis', config: { ...there, ttlOffset: '1m' } } },
      env: { VMCP_TOKEN_CACHE_KEY: KEY },
    },
  )
const KEY = randomBytes(32).toString('base64')

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
  const db = createClient({ url: `redis://${redis.address}` })
  await db.connect()
  const keys = await db.keys('*')
  const values = await Promise.all(keys.map((key) => db.get(key)))
  db.destroy()
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

test('a gateway goes on when Redis has gone', async () => {
  const one = await gateway()
  const [alice, bob] = await Promise.all(['alice', 'bob'].map((subject) => idp.token({ subject })))
  await sent(one, alice ?? '')
  await redis.stop()
  expect(await sent(one, alice ?? '')).toMatch(/^Bearer ey/)
  expect(await sent(one, bob ?? '')).toMatch(/^Bearer ey/)
  expect(one.stderr().match(/Redis cannot be reached/g)).toHaveLength(1)
})
