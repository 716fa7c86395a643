import { randomBytes } from 'node:crypto'
import { createClient } from 'redis'
import { beforeAll, describe, expect, test } from 'vitest'
import { SignatureGate } from '../../fixtures/aws/gate.ts'
import { StsStandIn } from '../../fixtures/aws/sts.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import { AUDIENCE, type Idp } from '../../fixtures/idp/idp.ts'
import { startRedis } from '../../fixtures/redis.ts'
import { Stage } from '../../fixtures/stage.ts'
import { AllThatIsWritten } from './all-that-is-written.ts'
import { bearer, type Era, open, say, seen } from './callers.ts'
import { incoming, startIdp } from './parts.ts'

// AWS itself is out of reach: a stand-in gives out credentials, and another computes every signature anew.

const ACCOUNT = 'arn:aws:iam::123456789012:role/'
const randomKey = randomBytes(32).toString('base64')
const ADMINS = { groups: ['admins'] }

const stage = closedAfterAll(new Stage())
let idp: Idp
let sts: StsStandIn

beforeAll(async () => {
  idp = await startIdp(stage)
  sts = await StsStandIn.start()
  stage.defer(() => sts.close())
})
const awsSts = (more: object = {}) => ({
  region: 'eu-central-1',
  stsEndpoint: sts.url,
  fallbackRoleArn: `${ACCOUNT}Guest`,
  roleMappings: [
    { claim: 'admins', roleArn: `${ACCOUNT}Admin`, priority: 2 },
    {
      matcher: 'claims.sub.startsWith("svc-") && !("act" in claims)',
      roleArn: `${ACCOUNT}Robot`,
      priority: 1,
    },
  ],
  ...more,
})

interface Scene {
  readonly fixture?: 'hdr' | 'echo'
  readonly era?: Era
  readonly transport?: 'http' | 'sse'
  readonly sts?: object
  readonly more?: object
  readonly args?: readonly string[]
}

async function start({
  fixture = 'hdr',
  era = 'modern',
  transport = 'http',
  sts: block = {},
  more = {},
  args = [],
}: Scene = {}) {
  const { ready: url } = await stage.hosted(fixture, { era, transport })
  const gate = await SignatureGate.start({ url, sts, region: 'eu-central-1', service: 'aws-mcp' })
  stage.defer(() => gate.close())
  const strategy = { type: 'aws_sts', awsSts: awsSts(block) }
  const served = config([{ name: 'aws', url: gate.url, ...(transport === 'sse' && { transport }) }], {
    incomingAuth: incoming(idp),
    outgoingAuth: { source: 'inline', backends: { aws: strategy } },
    ...more,
  })
  const gateway = await stage.gateway({
    config: served,
    env: { SEAL: randomKey, IDP_SECRET: idp.client.clientSecret },
    args,
  })
  return { gate, gateway }
}

describe.each<Era>(['modern', 'legacy'])('a server of AWS of the %s era', (era) => {
  test.each<Era>(['modern', 'legacy'])(
    'is called by a %s client with the signature of its user',
    async (own) => {
      const { gate, gateway } = await start({ era })
      const alice = await open(
        gateway.ready,
        own,
        bearer(await idp.token({ subject: 'alice', claims: ADMINS })),
      )
      const headers = await seen(alice, 'aws_headers')
      expect(headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 /)
      expect(gate.admitted.at(-1)).toMatchObject({ roleArn: `${ACCOUNT}Admin`, sessionName: 'alice' })
      expect(gate.refused.filter((it) => it.startsWith('tools/call'))).toEqual([])
      await seen(alice, 'aws_headers')
      const own_ = sts.issued.filter(({ subject }) => subject === 'alice')
      expect(new Set(gate.admitted.map(({ accessKeyId }) => accessKeyId)).size).toBe(1)
      expect(own_.length).toBeGreaterThan(0)
      await alice.close()
    },
  )
})

test('a server of the old transport is called with signatures on both of its ways', async () => {
  const { gate, gateway } = await start({ era: 'legacy', transport: 'sse' })
  const client = await open(gateway.ready, 'modern', bearer(await idp.token({ subject: 'kim' })))
  const headers = await seen(client, 'aws_headers')
  expect(headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 /)
  // The stream is a GET, and has no method of JSON-RPC.
  expect(new Set(gate.admitted.map(({ rpc }) => rpc))).toEqual(
    new Set(['', 'initialize', 'notifications/initialized', 'tools/list', 'tools/call']),
  )
  await client.close()
})

test('a signature that was seen is of no use for anything else', async () => {
  const { gate, gateway } = await start()
  const client = await open(gateway.ready, 'modern', bearer(await idp.token({ subject: 'lou' })))
  const headers = await seen(client, 'aws_headers')
  await client.close()
  const names = ['authorization', 'x-amz-date', 'x-amz-security-token']
  const stolen = Object.fromEntries(names.map((name) => [name, headers[name] ?? '']))
  const send = (path: string, method: string) =>
    fetch(new URL(path, gate.url), { method, headers: stolen, ...(method === 'POST' && { body: '{}' }) })
  for (const [path, method] of [
    ['/mcp', 'POST'],
    ['/mcp', 'GET'],
    ['/other', 'POST'],
    ['/mcp?a=b', 'POST'],
  ] as const) {
    const reply = await send(path, method)
    expect([reply.status, await reply.text()]).toEqual([
      403,
      expect.stringContaining('signature does not match'),
    ])
  }
})

test('callers at the same time are never mixed, and AWS is asked once for each', async () => {
  const { gate, gateway } = await start()
  const before = sts.asked.length
  const people = ['ann', 'ben', 'svc-cron'].map(async (subject) => {
    const token = await idp.token({ subject, claims: subject === 'ann' ? ADMINS : {} })
    return { subject, client: await open(gateway.ready, 'modern', bearer(token)) }
  })
  const open_ = await Promise.all(people)
  await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      const { subject, client } = open_[i % 3] as (typeof open_)[number]
      const headers = await seen(client, 'aws_headers')
      const id = /Credential=(\w+)\//.exec(headers['authorization'] ?? '')?.[1] ?? ''
      expect(sts.keyOf(id)?.subject).toBe(subject)
    }),
  )
  expect(
    sts.asked
      .slice(before)
      .map(({ subject, roleArn }) => [subject, roleArn])
      .sort(),
  ).toEqual([
    ['ann', `${ACCOUNT}Admin`],
    ['ben', `${ACCOUNT}Guest`],
    ['svc-cron', `${ACCOUNT}Robot`],
  ])
  expect(gate.refused.filter((it) => it.startsWith('tools/call'))).toEqual([])
  for (const { client } of open_) await client.close()
})

test('checks and lists of our own never use the credentials of a user', async () => {
  const operational = { failureHandling: { healthCheckInterval: '1s', healthCheckTimeout: '500ms' } }
  const { gate, gateway } = await start({ more: { operational } })
  const client = await open(gateway.ready, 'modern', bearer(await idp.token({ subject: 'dora' })))
  await seen(client, 'aws_headers')
  const [asked, admitted] = [sts.asked.length, gate.admitted.length]
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect([sts.asked.length, gate.admitted.length]).toEqual([asked, admitted])
  await client.close()
})

test('a caller without a role, and one that AWS refuses, are told what is to be done', async () => {
  const { gateway } = await start({ sts: { fallbackRoleArn: undefined } })
  const bob = await open(gateway.ready, 'modern', bearer(await idp.token({ subject: 'bob' })))
  expect(await say(bob, 'aws_headers')).toContain(
    'there is no AWS role for this caller: none of awsSts.roleMappings fits',
  )
  const token = await idp.token({ subject: 'eve', claims: ADMINS })
  const eve = await open(gateway.ready, 'modern', bearer(token))
  sts.refuses(403, 'AccessDenied', `Not authorized to perform sts:AssumeRoleWithWebIdentity with ${token}`)
  const said = await say(eve, 'aws_headers')
  expect(said).toContain("AWS STS refuses (AccessDenied): the trust policy of the caller's role")
  expect(said).not.toContain(token)
  await bob.close()
  await eve.close()
})

test('an opaque token is not shown to AWS, and its caller is told why', async () => {
  const oidc = { issuer: idp.issuer, audience: AUDIENCE, resource: AUDIENCE, insecureAllowHttp: true }
  const introspected = {
    ...oidc,
    jwksAllowPrivateIp: true,
    clientId: idp.client.clientId,
    clientSecretEnv: 'IDP_SECRET',
  }
  const { gateway } = await start({ more: { incomingAuth: { type: 'oidc', oidc: introspected } } })
  const asked = sts.asked.length
  const token = await idp.token({ subject: 'fay', format: 'opaque' })
  const client = await open(gateway.ready, 'modern', bearer(token))
  expect(await say(client, 'aws_headers')).toContain("the caller's token is an opaque one")
  expect(sts.asked).toHaveLength(asked)
  await client.close()
})

test('what AWS refuses later is said with what to do', async () => {
  const { gate, gateway } = await start()
  const client = await open(gateway.ready, 'modern', bearer(await idp.token({ subject: 'gil' })))
  await seen(client, 'aws_headers')
  gate.expired.add(gate.admitted.at(-1)?.accessKeyId ?? '')
  expect(await say(client, 'aws_headers')).toMatch(/answered 403: .*region and service of awsSts/s)
  await client.close()
})

test('a server behind a local or an anonymous gateway has nobody to sign for', async () => {
  const { gateway } = await start({ more: { incomingAuth: { type: 'anonymous' } } })
  const client = await open(gateway.ready, 'modern')
  expect(await say(client, 'aws_headers')).toContain('the caller came without a token')
  await client.close()
})

test('several gateways share credentials in Redis, where nobody can read them', async () => {
  const redis = await startRedis()
  stage.defer(() => redis.stop())
  const tokenCache = { provider: 'redis', config: { address: redis.address, encryptionKeyEnv: 'SEAL' } }
  const [first, second] = await Promise.all([
    start({ more: { tokenCache } }),
    start({ more: { tokenCache } }),
  ])
  const token = await idp.token({ subject: 'joy', claims: ADMINS })
  const asked = sts.asked.length
  const keys: string[] = []
  for (const { gate, gateway } of [first, second]) {
    const client = await open(gateway.ready, 'modern', bearer(token))
    await seen(client, 'aws_headers')
    keys.push(gate.admitted.at(-1)?.accessKeyId ?? '')
    await client.close()
  }
  expect(sts.asked.length - asked).toBe(1)
  expect(keys[0]).toBe(keys[1])
  const stored = await everythingIn(redis.address)
  const own = sts.keyOf(keys[0] ?? '')
  expect(stored).not.toBe('')
  for (const secret of [own?.secretAccessKey, own?.sessionToken, own?.accessKeyId, token, 'joy'])
    expect(stored).not.toContain(secret)
})

test('nothing secret is in the log, the audit log with payloads, traces and errors', async () => {
  const all = await AllThatIsWritten.start(stage)
  const { gateway } = await start({ fixture: 'echo', more: all.more, args: all.args })
  const token = await idp.token({ subject: 'hal', claims: ADMINS })
  const client = await open(gateway.ready, 'modern', bearer(token))
  expect(await say(client, 'aws_echo', { input: 'hello' })).toBe('hello')
  await client.close()
  const own = sts.issued.at(-1)
  const secrets = [token, token.split('.')[2], own?.secretAccessKey, own?.sessionToken, own?.accessKeyId]
  for (const written of Object.values(await all.by(gateway, 'hello')))
    for (const secret of secrets) expect(written).not.toContain(secret)
})

/** Of a Redis: all keys and what is under them. */
async function everythingIn(address: string): Promise<string> {
  const client = await createClient({ url: `redis://${address}` }).connect()
  try {
    const keys = await client.keys('*')
    const values = await Promise.all(keys.map((key) => client.get(key)))
    return [...keys, ...values].join('\n')
  } finally {
    client.destroy()
  }
}
