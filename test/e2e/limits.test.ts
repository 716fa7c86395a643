import { writeFile } from 'node:fs/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../fixtures/ask.ts'
import { LegacyClient, ModernClient, type Reply } from '../fixtures/client.ts'
import { closedAfterAll } from '../fixtures/closed.ts'
import { config } from '../fixtures/config.ts'
import type { Json } from '../fixtures/fixture.ts'
import { AUDIENCE, Idp } from '../fixtures/idp/idp.ts'
import { type Redis, startRedis } from '../fixtures/redis.ts'
import { type Child, Stage } from '../fixtures/stage.ts'
import { echo, tool } from './composite.ts'

const stage = closedAfterAll(new Stage())
let backends: { name: string; url: string }[]

beforeAll(async () => {
  const [one, two] = await Promise.all([
    stage.hosted('echo', { era: 'both' }),
    stage.hosted('users', { era: 'both' }),
  ])
  backends = [
    { name: 'echo', url: one.ready },
    { name: 'users', url: two.ready },
  ]
})
const TWICE = { maxTokens: 2, refillPeriod: '1m' }

function limited(rateLimiting: Json, more: Json = {}, env: NodeJS.ProcessEnv = {}): Promise<Child> {
  return stage.gateway({ config: config(backends, { rateLimiting, ...more }), env })
}

type Client = LegacyClient | ModernClient

async function client(era: 'legacy' | 'modern', url: string): Promise<Client> {
  const opened = era === 'legacy' ? await LegacyClient.open(url) : new ModernClient(url)
  stage.defer(() => opened.close())
  return opened
}

const call = (by: Client, name = 'echo_echo'): Promise<Reply> =>
  by.request('tools/call', { name, arguments: { input: 'hi', id: 'u1' } })

/** Whether the call was let through. */
function passed({ message }: Reply): boolean {
  return message.result !== undefined && message.result.isError !== true
}

describe.each(['legacy', 'modern'] as const)('a limit of two calls a minute, for a %s client,', (era) => {
  test('refuses the third in the form of its era, and leaves the lists alone', async () => {
    const by = await client(era, (await limited({ shared: TWICE })).ready)
    expect([passed(await call(by)), passed(await call(by, 'users_get_user'))]).toEqual([true, true])
    const third = await call(by)
    expect(third.status).toBe(200)
    const retryAfterSeconds = expect.toSatisfy((it: number) => Number.isInteger(it) && it > 0 && it <= 30)
    const message = expect.stringContaining("rate limit of tool 'echo_echo' exceeded: try again in")
    if (era === 'modern') {
      expect(third.message.error).toEqual({ code: 429, message, data: { retryAfterSeconds } })
    } else {
      expect(third.message.result).toEqual({
        content: [{ type: 'text', text: message }],
        isError: true,
        structuredContent: { code: 429, message, data: { retryAfterSeconds } },
      })
    }
    for (let tries = 0; tries < 5; tries++) expect((await by.result('tools/list')).tools).toHaveLength(2)
  })

  test('for one tool leaves the others alone', async () => {
    const by = await client(era, (await limited({ tools: [{ name: 'echo_echo', shared: TWICE }] })).ready)
    const calls = [await call(by), await call(by), await call(by), await call(by, 'users_get_user')]
    expect(calls.map(passed)).toEqual([true, true, false, true])
  })

  test('counts a composite tool once, and not what it calls', async () => {
    const steps = [echo('one', '1'), echo('two', '2'), echo('three', '3')]
    const more = { compositeTools: [tool('thrice', steps)] }
    const by = await client(era, (await limited({ shared: TWICE }, more)).ready)
    const calls = [await call(by, 'thrice'), await call(by, 'thrice'), await call(by, 'thrice')]
    expect(calls.map(passed)).toEqual([true, true, false])
  })
})

test('what the limits decide is counted in the metrics', async () => {
  const telemetry = { metricsEnabled: true, enablePrometheusMetricsPath: true, prometheusPort: 0 }
  const by = await client('modern', (await limited({ shared: TWICE }, { telemetry })).ready)
  for (let calls = 0; calls < 3; calls++) await call(by)
  const { text } = await by.raw.send({ method: 'GET', path: '/metrics' })
  expect(text).toMatch(/^toolhive_rate_limit_decisions_total\{.*decision="allowed".*\} 2$/m)
  expect(text).toMatch(/^toolhive_rate_limit_decisions_total\{.*decision="rejected".*\} 1$/m)
})

test('limits that are changed in the file hold at once, and what was taken stays taken', async () => {
  const write = (shared: Json) => config(backends, { rateLimiting: { shared } })
  const file = await stage.file('vmcp.yaml', write({ maxTokens: 1, refillPeriod: '60m' }))
  const gateway = await stage.gateway({ args: ['--config', file] })
  const by = await client('modern', gateway.ready)
  expect([passed(await call(by)), passed(await call(by))]).toEqual([true, false])
  await writeFile(file, JSON.stringify(write({ maxTokens: 3600, refillPeriod: '60m' })))
  gateway.process.kill('SIGHUP')
  await eventually(async () => expect(passed(await call(by))).toBe(true))
  const burst = await Promise.all(Array.from({ length: 50 }, () => call(by)))
  expect(burst.filter(passed).length).toBeLessThan(50)
})

test('calls are let through again when the bucket has been refilled', async () => {
  const by = await client('modern', (await limited({ shared: { maxTokens: 1, refillPeriod: '1s' } })).ready)
  expect([passed(await call(by)), passed(await call(by))]).toEqual([true, false])
  await eventually(async () => expect(passed(await call(by))).toBe(true))
})

describe('limits in Redis', () => {
  const PASSWORD = 's3cret'
  const env = { THV_SESSION_REDIS_PASSWORD: PASSWORD }
  let redis: Redis
  beforeAll(async () => {
    redis = await startRedis({ password: PASSWORD })
    stage.child(redis)
  })

  const inRedis = (more: Json = {}): Json => ({
    shared: { maxTokens: 10, refillPeriod: '10m' },
    redis: { address: redis.address, keyPrefix: `${Math.random()}:` },
    ...more,
  })

  test('hold for two gateways together, however many call at once', async () => {
    const settings = inRedis()
    const gateways = await Promise.all([limited(settings, {}, env), limited(settings, {}, env)])
    const clients = await Promise.all(gateways.map(({ ready }) => client('modern', ready)))
    const calls = await Promise.all(Array.from({ length: 60 }, (_, at) => call(clients[at % 2] as Client)))
    expect(calls.filter(passed)).toHaveLength(10)
    const refused = calls.filter((it) => !passed(it))
    expect(refused.every(({ message }) => message.error?.code === 429)).toBe(true)
  })

  test('let calls through while Redis is gone, say so, and hold again when it is back', async () => {
    const own = await startRedis({ password: PASSWORD })
    const shared = { maxTokens: 1, refillPeriod: '10m' }
    const gateway = await limited(inRedis({ shared, redis: { address: own.address } }), {}, env)
    const by = await client('modern', gateway.ready)
    expect([passed(await call(by)), passed(await call(by))]).toEqual([true, false])
    await own.stop()
    expect(passed(await call(by))).toBe(true)
    const status = await by.raw.send({ method: 'GET', path: '/status' })
    expect(JSON.parse(status.text)).toMatchObject({
      rate_limits: { store: 'redis', allowed: 1, rejected: 1, unchecked: 1, failing: expect.any(String) },
    })
    expect(gateway.stderr()).toContain('the rate limits cannot be checked')
    expect(gateway.stderr()).not.toContain(PASSWORD)
    stage.child(await startRedis({ password: PASSWORD, port: Number(own.address.split(':')[1]) }))
    await eventually(async () => expect(passed(await call(by))).toBe(false), 15_000)
  })

  test('refuse calls while Redis is gone, where failOpen says so', async () => {
    const gone = await startRedis()
    await gone.stop()
    const gateway = await limited(inRedis({ failOpen: false, redis: { address: gone.address } }))
    const reply = await call(await client('modern', gateway.ready))
    expect(reply.message.error).toMatchObject({
      message: 'the rate limits cannot be checked now: try again later',
      data: { reason: 'limits_unchecked', retryAfterSeconds: 1 },
    })
  })
})

describe.each(['legacy', 'modern'] as const)('a limit for each user, of %s clients that log in,', (era) => {
  test('holds for a user whatever tokens and sessions they have, and for nobody else', async () => {
    const idp = await Idp.start()
    stage.defer(() => idp.close())
    const oidc = {
      issuer: idp.issuer,
      audience: AUDIENCE,
      clientId: idp.client.clientId,
      insecureAllowHttp: true,
      jwksAllowPrivateIp: true,
    }
    const { ready } = await limited({ perUser: TWICE }, { incomingAuth: { type: 'oidc', oidc } })
    const as = async (subject: string): Promise<Client> => {
      const headers = { authorization: `Bearer ${await idp.token({ subject, audience: AUDIENCE })}` }
      const opened =
        era === 'legacy' ? await LegacyClient.open(ready, { headers }) : new ModernClient(ready, { headers })
      stage.defer(() => opened.close())
      return opened
    }
    const made = [await as('ada'), await as('ada'), await as('ada'), await as('bob')]
    const outcomes: boolean[] = []
    for (const by of made) outcomes.push(passed(await call(by)))
    expect(outcomes).toEqual([true, true, false, true])
  })
})
