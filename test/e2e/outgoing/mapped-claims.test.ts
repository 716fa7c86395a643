import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { chmod, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../fixtures/ask.ts'
import { runCli } from '../../fixtures/cli.ts'
import { closedAfterAll } from '../../fixtures/closed.ts'
import { config } from '../../fixtures/config.ts'
import type { Idp } from '../../fixtures/idp/idp.ts'
import { type Child, Stage } from '../../fixtures/stage.ts'
import { serveFile } from '../live/served.ts'
import { AllThatIsWritten } from './all-that-is-written.ts'
import { bearer, type Era, open, say, seen } from './callers.ts'
import { incoming, startIdp } from './parts.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const ALICE = { email: 'alice@example.com', groups: ['dev', 'ops'], realm: { id: 7 } }

const stage = closedAfterAll(new Stage())
let idp: Idp
let keyFile: string

beforeAll(async () => {
  idp = await startIdp(stage)
  keyFile = join(await stage.folder(), 'signing.pem')
  await writeFile(keyFile, PEM, { mode: 0o600 })
})
const claims = () => ({
  headers: [
    { claim: 'email', header: 'X-User-Email' },
    { claim: 'groups', header: 'X-User-Groups' },
    { claim: 'realm.id', header: 'X-Realm' },
  ],
  jwt: {
    header: 'X-User-Token',
    issuer: 'https://vmcp.example',
    audience: 'https://hdr.example',
    keyFile,
    claims: ['email'],
  },
})

interface Scene {
  readonly fixture?: 'hdr' | 'echo'
  readonly era?: Era
  readonly block?: object
  readonly more?: object
  readonly args?: readonly string[]
}

async function start({
  fixture = 'hdr',
  era = 'modern',
  block,
  more = {},
  args = [],
}: Scene = {}): Promise<Child> {
  const { ready: url } = await stage.hosted(fixture, { era })
  const strategy = { type: 'mapped_claims', mappedClaims: block ?? claims() }
  const served = config([{ name: 'one', url }], {
    incomingAuth: incoming(idp),
    outgoingAuth: { source: 'inline', backends: { one: strategy } },
    ...more,
  })
  return stage.gateway({ config: served, args })
}

function verified(headers: Readonly<Record<string, string>>) {
  const options = { issuer: 'https://vmcp.example', audience: 'https://hdr.example', algorithms: ['ES256'] }
  return jwtVerify(
    headers['x-user-token'] ?? '',
    createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
    options,
  )
}

describe.each<Era>(['modern', 'legacy'])('a server of the %s era', (era) => {
  test.each<Era>(['modern', 'legacy'])('is told who the user of a %s client is', async (own) => {
    const gateway = await start({ era })
    const token = await idp.token({ subject: 'alice', claims: ALICE })
    const alice = await open(gateway.ready, own, bearer(token))
    const headers = await seen(alice, 'one_headers')
    expect(headers).toMatchObject({
      'x-user-email': 'alice@example.com',
      'x-user-groups': 'dev,ops',
      'x-realm': '7',
    })
    expect(headers['authorization']).toBeUndefined()
    const { payload } = await verified(headers)
    expect(payload).toMatchObject({ sub: 'alice', email: 'alice@example.com' })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60)
    expect((await seen(alice, 'one_headers'))['x-user-token']).toBe(headers['x-user-token'])
    await alice.close()
  })
})

test('a backend can verify what is signed by the keys that are published, and by no others', async () => {
  const gateway = await start()
  const url = new URL('/.well-known/jwks.json', gateway.ready)
  const published = await fetch(url)
  expect(published.headers.get('content-type')).toMatch('application/json')
  const { keys } = (await published.json()) as { keys: Record<string, string>[] }
  expect(keys).toHaveLength(1)
  expect(Object.keys(keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  const alice = await open(gateway.ready, 'modern', bearer(await idp.token({ subject: 'alice' })))
  const token = (await seen(alice, 'one_headers'))['x-user-token'] ?? ''
  const { payload } = await jwtVerify(token, createRemoteJWKSet(url), { audience: 'https://hdr.example' })
  expect(payload.sub).toBe('alice')
  await alice.close()
  const other = await start({ block: { headers: claims().headers } })
  expect((await fetch(new URL('/.well-known/jwks.json', other.ready))).status).toBe(404)
})

test('another key is used and published from an edit of the file on', async () => {
  const { ready: url } = await stage.hosted('hdr', { era: 'modern' })
  const file = join(await stage.folder(), 'other.pem')
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  await writeFile(file, other.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const signedBy = (key: string) => {
    const mappedClaims = { headers: [], jwt: { ...claims().jwt, keyFile: key } }
    const backends = { one: { type: 'mapped_claims', mappedClaims } }
    return config([{ name: 'one', url }], { outgoingAuth: { source: 'inline', backends } })
  }
  const served = await serveFile(stage, signedBy(keyFile))
  const client = await open(served.url, 'modern')
  const published = createRemoteJWKSet(new URL('/.well-known/jwks.json', served.url), { cooldownDuration: 0 })
  const kids = new Set<string | undefined>()
  const signed = (keys: number) =>
    eventually(async () => {
      const token = (await seen(client, 'one_headers'))['x-user-token'] ?? ''
      kids.add((await jwtVerify(token, published)).protectedHeader.kid)
      expect(kids.size).toBe(keys)
    })
  await signed(1)
  await served.edit(signedBy(file))
  await signed(2)
  const third = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  await writeFile(file, third.export({ type: 'pkcs8', format: 'pem' }))
  // The file of the configuration is the same, but what it means is not.
  await served.cli('reload')
  await signed(3)
  await client.close()
})

test('a user cannot say that they are somebody else', async () => {
  const gateway = await start({ more: { passthroughHeaders: ['X-Trace'] } })
  const forged = {
    'x-user-email': 'root@example.com',
    x_user_groups: 'admins',
    'x-realm': '0',
    'x-user-token': 'forged',
    'x-trace': 'kept',
  }
  const token = await idp.token({ subject: 'mallory', claims: { groups: ['guests'] } })
  const mallory = await open(gateway.ready, 'modern', { ...forged, ...bearer(token) })
  const headers = await seen(mallory, 'one_headers')
  expect(headers).toMatchObject({ 'x-user-groups': 'guests', 'x-trace': 'kept' })
  expect(Object.keys(headers).filter((name) => /email|realm|x_user/.test(name))).toEqual([])
  expect(decodeJwt(headers['x-user-token'] ?? '')).toMatchObject({ sub: 'mallory' })
  await mallory.close()
})

test('a configuration that would let them is refused', async () => {
  const strategy = { type: 'mapped_claims', mappedClaims: claims() }
  const file = await stage.file(
    'vmcp.yaml',
    config([{ name: 'one', url: 'http://127.0.0.1:9/mcp' }], {
      outgoingAuth: { source: 'inline', default: strategy },
      passthroughHeaders: ['X-User-Email'],
    }),
  )
  const { code, output } = await runCli(['validate', '--config', file])
  expect(code).not.toBe(0)
  expect(output).toContain('X-User-Email is written from claims (mappedClaims) and may not be passed through')
})

test('callers at the same time are never mixed', async () => {
  const gateway = await start()
  const people = await Promise.all(
    ['ann', 'ben', 'cid'].map(async (subject) => {
      const token = await idp.token({ subject, claims: { email: `${subject}@example.com` } })
      return { subject, client: await open(gateway.ready, 'modern', bearer(token)) }
    }),
  )
  await Promise.all(
    Array.from({ length: 30 }, async (_, i) => {
      const { subject, client } = people[i % 3] as (typeof people)[number]
      const headers = await seen(client, 'one_headers')
      expect(headers['x-user-email']).toBe(`${subject}@example.com`)
      expect((await verified(headers)).payload.sub).toBe(subject)
    }),
  )
  for (const { client } of people) await client.close()
})

test.each([
  ['anonymous', { sub: 'anonymous' }],
  ['local', { sub: userInfo().username }],
])('%s callers have claims too', async (type, { sub }) => {
  const block = { headers: [{ claim: 'sub', header: 'X-User' }], jwt: claims().jwt }
  const gateway = await start({ block, more: { incomingAuth: { type } } })
  const client = await open(gateway.ready, 'modern')
  const headers = await seen(client, 'one_headers')
  expect(headers['x-user']).toBe(sub)
  expect((await verified(headers)).payload.sub).toBe(sub)
  await client.close()
})

test('a caller without a claim that is required, or with one that no header can hold, is refused', async () => {
  const block = { headers: [{ claim: 'email', header: 'X-User-Email', required: true }] }
  const gateway = await start({ block })
  const none = await open(gateway.ready, 'modern', bearer(await idp.token({ subject: 'non' })))
  expect(await say(none, 'one_headers')).toContain('the caller has no claim email')
  const odd = { email: 'eve@example.com\r\nx-admin: 1' }
  const eve = await open(gateway.ready, 'modern', bearer(await idp.token({ subject: 'eve', claims: odd })))
  const said = await say(eve, 'one_headers')
  expect(said).toContain("the caller's claim email, for X-User-Email, has what no header can hold")
  expect(said).not.toContain('x-admin')
  await none.close()
  await eve.close()
})

test('a key that others may read is refused', async () => {
  const shared = join(await stage.folder(), 'shared.pem')
  await writeFile(shared, PEM)
  await chmod(shared, 0o644)
  const mappedClaims = { jwt: { ...claims().jwt, keyFile: shared } }
  const file = await stage.file(
    'vmcp.yaml',
    config([{ name: 'one', url: 'http://127.0.0.1:9/mcp' }], {
      outgoingAuth: { source: 'inline', default: { type: 'mapped_claims', mappedClaims } },
    }),
  )
  const { code, output } = await runCli(['validate', '--config', file])
  expect(code).not.toBe(0)
  expect(output).toContain(
    `others may read or change the signing key ${shared}: make it yours alone (chmod 600)`,
  )
})

test('nothing secret is in the log, the audit log with payloads, and traces', async () => {
  const all = await AllThatIsWritten.start(stage)
  const gateway = await start({ fixture: 'echo', more: all.more, args: all.args })
  const token = await idp.token({ subject: 'ida', claims: ALICE })
  const client = await open(gateway.ready, 'modern', bearer(token))
  expect(await say(client, 'one_echo', { input: 'hello' })).toBe('hello')
  await client.close()
  const ofOurs = Buffer.from('{"alg":"ES256"').toString('base64url').slice(0, -1)
  for (const written of Object.values(await all.by(gateway, 'hello')))
    for (const secret of [token, ofOurs, PEM.split('\n')[1]]) expect(written).not.toContain(secret)
})

describe('service_account, as it was once spelled', () => {
  const env = { ROBOT_TOKEN: 'robot-secret-0123456789' }

  test.each([
    [{ credentials_env: 'ROBOT_TOKEN' }, 'authorization', 'Bearer robot-secret-0123456789'],
    [
      { credentials_env: 'ROBOT_TOKEN', header_name: 'X-Api-Key', header_format: 'key={token}' },
      'x-api-key',
      'key=robot-secret-0123456789',
    ],
  ])('%j is sent with every request', async (block, name, value) => {
    const { ready: url } = await stage.hosted('hdr', { era: 'legacy' })
    const backend = { type: 'service_account', service_account: block }
    const served = config([{ name: 'one', url }], {
      outgoingAuth: { source: 'inline', backends: { one: backend } },
    })
    const gateway = await stage.gateway({ config: served, env })
    const client = await open(gateway.ready, 'modern', { [name]: 'forged' })
    expect((await seen(client, 'one_headers'))[name]).toBe(value)
    await client.close()
    await gateway.stop()
    expect(gateway.stderr()).not.toContain('robot-secret')
  })

  test('the newer spelling of the same', async () => {
    const { ready: url } = await stage.hosted('hdr', { era: 'modern' })
    const backend = { type: 'service_account', serviceAccount: { credentialsEnv: 'ROBOT_TOKEN' } }
    const served = config([{ name: 'one', url }], {
      outgoingAuth: { source: 'inline', backends: { one: backend } },
    })
    const gateway = await stage.gateway({ config: served, env })
    const client = await open(gateway.ready, 'legacy')
    expect((await seen(client, 'one_headers'))['authorization']).toBe('Bearer robot-secret-0123456789')
    await client.close()
  })
})
