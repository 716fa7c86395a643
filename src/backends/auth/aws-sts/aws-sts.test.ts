import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Issued, StsStandIn } from '../../../../test/fixtures/aws/sts.ts'
import type { AwsStsConfig } from '../../../core/aws-sts-config.ts'
import { BearerPrincipal } from '../../../core/bearer.ts'
import { ANONYMOUS_CALLER, type Caller } from '../../../core/caller.ts'
import { type Log, silent } from '../../../core/log.ts'
import { DEFAULT_TOKEN_CACHE } from '../../../core/outgoing-auth-config.ts'
import { createCredentials, type Headers, Keyring } from '../index.ts'
import { amzDate, authorization, signingKey } from './sign.ts'

const ACCOUNT = 'arn:aws:iam::123456789012:role/'
const URL_OF_BACKEND = new URL('https://aws-mcp.eu-central-1.api.aws/mcp')
const HEADERS: Headers = { 'x-plain': 'as it was' }

let sts: StsStandIn
let keyring: Keyring
let lines: string[]

beforeEach(async () => {
  sts = await StsStandIn.start()
  keyring = new Keyring(DEFAULT_TOKEN_CACHE, silent)
  lines = []
})
afterEach(async () => {
  vi.useRealTimers()
  await Promise.all([keyring.close(), sts.close()])
})

/** JSON as the log prints it, errors with all that they hold. */
function log(): Log {
  const write: Log['info'] = (fields, message) => {
    const all = Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error ? String(value.stack) : value,
    ])
    lines.push(JSON.stringify({ ...Object.fromEntries(all), message }))
  }
  return { debug: write, info: write, warn: write, error: write }
}

function start(more: Partial<AwsStsConfig> = {}, ring = keyring) {
  const config: AwsStsConfig = {
    type: 'aws_sts',
    region: 'eu-central-1',
    service: 'aws-mcp',
    stsEndpoint: sts.url,
    roleMappings: [{ when: { claim: 'admins' }, roleArn: `${ACCOUNT}Admin` }],
    fallbackRoleArn: `${ACCOUNT}Guest`,
    roleClaim: 'groups',
    sessionNameClaim: 'sub',
    sessionSeconds: 3600,
    ...more,
  }
  return createCredentials(config, { keyring: ring, backend: 'one', url: URL_OF_BACKEND.href, log: log() })
}

function tokenOf(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ ...claims, salt: Math.random() })}.c2lnbmF0dXJl`
}

function callerOf(sub: string, more: object = {}, token = tokenOf({ sub })): Caller {
  const claims = { sub, ...more }
  const facts = {
    token,
    issuer: 'https://i.example',
    subject: sub,
    name: sub,
    claims,
    scopes: new Set<string>(),
  }
  return { ...ANONYMOUS_CALLER, principal: new BearerPrincipal(facts) }
}

type Credentials = ReturnType<typeof start>

function send(credentials: Credentials, caller: Caller | undefined, body = '{}') {
  return credentials.authorize(HEADERS, { method: 'POST', body: Buffer.from(body), caller }, URL_OF_BACKEND)
}

const keyIn = (headers: Headers) => /Credential=(\w+)\//.exec(headers['authorization'] ?? '')?.[1] ?? ''

describe('a request of a caller', () => {
  it('is signed with credentials of the role that their claims say', async () => {
    const headers = await send(start(), callerOf('alice', { groups: ['admins'] }))
    expect(sts.asked).toEqual([
      { roleArn: `${ACCOUNT}Admin`, sessionName: 'alice', seconds: 3600, subject: 'alice' },
    ])
    expect(headers).toEqual({
      'x-plain': 'as it was',
      'x-amz-date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
      'x-amz-security-token': sts.issued[0]?.sessionToken,
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=ASIA\w+\/\d{8}\/eu-central-1\/aws-mcp\/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
      ),
    })
  })

  it('is signed at once where there are credentials, and each body differently', async () => {
    const credentials = start()
    const alice = callerOf('alice')
    await send(credentials, alice)
    const [first, second] = [send(credentials, alice, '{"a":1}'), send(credentials, alice, '{"a":2}')]
    expect(first).not.toBeInstanceOf(Promise)
    expect((first as Headers)['authorization']).not.toBe((second as Headers)['authorization'])
    expect(sts.asked).toHaveLength(1)
  })

  it('asks once for any number of concurrent ones, and never mixes callers', async () => {
    sts.delayMs = 50
    const credentials = start()
    const callers = ['alice', 'bob', 'carol'].map((sub) => callerOf(sub))
    const sent = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const caller = callers[i % 3] as Caller
        return { sub: caller.principal.subject, key: keyIn(await send(credentials, caller)) }
      }),
    )
    expect(sts.asked).toHaveLength(3)
    for (const { sub, key } of sent) expect(sts.keyOf(key)?.subject).toBe(sub)
  })

  it('has new credentials for another token, another role and another backend', async () => {
    const credentials = start()
    const token = tokenOf({ sub: 'alice' })
    await send(credentials, callerOf('alice', {}, token))
    // The same token, looked at anew.
    await send(credentials, callerOf('alice', {}, token))
    expect(sts.asked).toHaveLength(1)
    await send(credentials, callerOf('alice'))
    await send(credentials, callerOf('alice', { groups: ['admins'] }, token))
    expect(sts.asked).toHaveLength(3)
  })

  it('has new credentials before the old ones expire', async () => {
    sts.seconds = 1
    const credentials = start()
    const alice = callerOf('alice')
    const first = keyIn(await send(credentials, alice))
    expect(keyIn(await send(credentials, alice))).toBe(first)
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(keyIn(await send(credentials, alice))).not.toBe(first)
  })

  it('has its credentials forgotten where there are too many', async () => {
    const ring = new Keyring({ ...DEFAULT_TOKEN_CACHE, maxEntries: 2 }, silent)
    const credentials = start({}, ring)
    for (let i = 0; i < 10; i++) await send(credentials, callerOf(`user-${i}`))
    expect(ring.tokens.size).toBe(2)
    await ring.close()
  })

  it('is signed by the key of its day', async () => {
    const midnight = new Date().setUTCHours(24, 0, 0, 0)
    const scope = { region: 'eu-central-1', service: 'aws-mcp' }
    const [credentials, alice] = [start(), callerOf('alice')]
    for (const now of [midnight - 1_000, midnight + 1_000]) {
      vi.useFakeTimers({ toFake: ['Date'], now })
      const date = amzDate(new Date(now))
      const sent = await send(credentials, alice)
      const keys = sts.issued[0] as Issued
      const own = ['x-amz-date', 'x-amz-security-token'].map((name) => [name, sent[name] ?? ''] as const)
      const headers = [['host', URL_OF_BACKEND.host] as const, ...own]
      const request = { method: 'POST', path: '/mcp', query: '', headers, body: '{}' }
      const key = signingKey(keys.secretAccessKey, scope, date)
      expect(sent['authorization']).toBe(authorization(request, { keys, key, scope, date }))
      expect(sent['authorization']).toContain(
        `/${new Date(now).toISOString().slice(0, 10).replaceAll('-', '')}/`,
      )
    }
    expect(sts.asked).toHaveLength(1)
  })

  it('overwrites what a client sends of AWS', async () => {
    const forged = {
      'x-amz-security-token': 'theirs',
      'x-amz-date': '20150830T123600Z',
      authorization: 'theirs',
      'x-amz-target': 'T',
    }
    const request = { method: 'POST', body: null, caller: callerOf('alice') } as const
    const headers = await start().authorize(forged, request, URL_OF_BACKEND)
    expect(JSON.stringify(headers)).not.toContain('theirs')
    expect(headers['authorization']).toContain(
      'SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target',
    )
  })
})

describe('our own requests', () => {
  it('never use the credentials of a caller', async () => {
    const credentials = start()
    await send(credentials, callerOf('alice'))
    expect(send(credentials, undefined)).toBe(HEADERS)
  })
})

describe('a caller is refused', () => {
  it('without a role', () => {
    const credentials = start({ fallbackRoleArn: undefined })
    expect(() => send(credentials, callerOf('alice'))).toThrow(
      /^there is no AWS role for this caller: none of awsSts.roleMappings fits/,
    )
    expect(sts.asked).toEqual([])
  })

  it('with an opaque token, which AWS is not shown', () => {
    expect(() => send(start(), callerOf('alice', {}, 'b3BhcXVl'))).toThrow(
      'AWS takes JWTs of the identity provider only',
    )
    expect(sts.asked).toEqual([])
  })

  it('without a token, or a name for the session', () => {
    expect(() => send(start(), ANONYMOUS_CALLER)).toThrow('the caller came without a token')
    expect(() => send(start({ sessionNameClaim: 'email' }), callerOf('alice'))).toThrow(
      'no text in the claim email',
    )
  })

  it.each([
    [400, 'ExpiredTokenException', "AWS STS refuses (ExpiredTokenException): the caller's token has expired"],
    [403, 'AccessDenied', 'AWS STS refuses (AccessDenied): the trust policy'],
    [
      400,
      'InvalidIdentityToken',
      "AWS STS refuses (InvalidIdentityToken): it does not know the caller's token",
    ],
    [403, 'SomethingNew', 'AWS STS refuses (SomethingNew)'],
  ])('where AWS says %i %s, and AWS is not asked again at once', async (status, code, message) => {
    sts.refuses(status, code, `Not with ${'a'.repeat(2_000)}`)
    const credentials = start()
    const alice = callerOf('alice')
    await expect(send(credentials, alice)).rejects.toThrow(message)
    await expect(send(credentials, alice)).rejects.toThrow(message)
    expect(sts.asked).toHaveLength(1)
  })

  it('where AWS cannot answer, after some tries', async () => {
    for (let i = 0; i < 3; i++) sts.refuses(503, 'ServiceUnavailable')
    await expect(send(start(), callerOf('alice'))).rejects.toThrow(
      'AWS STS cannot answer now (ServiceUnavailable)',
    )
    expect(sts.asked).toHaveLength(3)
  })

  it('where AWS cannot be reached, or sends us elsewhere', async () => {
    const unreachable = start({ stsEndpoint: 'http://127.0.0.1:9/' })
    await expect(send(unreachable, callerOf('alice'))).rejects.toThrow('AWS STS cannot be reached')
    const elsewhere = start({ stsEndpoint: 'http://sts.example/' })
    await expect(send(elsewhere, callerOf('alice'))).rejects.toThrow('AWS STS cannot be reached')
    for (let i = 0; i < 3; i++)
      sts.answers.push((res) => void res.writeHead(307, { location: 'http://127.0.0.1:1/' }).end())
    await expect(send(start(), callerOf('alice'))).rejects.toThrow('AWS STS cannot be reached')
    expect(lines.join()).toContain('it redirects (HTTP 307), which is not followed')
  })

  it.each([
    ['not what it should be', '<html>Welcome to the hotel</html>'],
    ['a bomb', `<!DOCTYPE x [<!ENTITY a "${'a'.repeat(1_000)}">]><x>${'&a;'.repeat(10_000)}</x>`],
  ])('where the answer is %s', async (_, answer) => {
    sts.says(200, answer)
    await expect(send(start(), callerOf('alice'))).rejects.toThrow('AWS STS cannot be understood')
  })

  it('where the answer is too large', async () => {
    for (let i = 0; i < 3; i++) sts.says(200, 'a'.repeat(100_000))
    await expect(send(start(), callerOf('alice'))).rejects.toThrow('AWS STS cannot be reached')
  })
})

it('the token service is known by its certificate, and who is not is shown no token', async () => {
  const [cert, key] = ['cert', 'key'].map((name) =>
    fileURLToPath(new URL(`../../testing/tls/${name}.pem`, import.meta.url)),
  )
  const identity = { cert: readFileSync(cert as string), key: readFileSync(key as string) }
  const secure = await StsStandIn.start(identity)
  const stsEndpoint = secure.url
  await expect(send(start({ stsEndpoint }), callerOf('alice'))).rejects.toThrow('AWS STS cannot be reached')
  expect(secure.asked).toEqual([])
  expect(lines.join()).toContain('certificate')
  const headers = await send(start({ stsEndpoint, caBundlePath: cert }), callerOf('bob'))
  expect(secure.keyOf(keyIn(headers))?.subject).toBe('bob')
  await secure.close()
})

it('what passes is tried again', async () => {
  sts.refuses(500, 'InternalFailure')
  sts.refuses(400, 'Throttling')
  const headers = await send(start(), callerOf('alice'))
  expect(keyIn(headers)).toBe(sts.issued[0]?.accessKeyId)
})

describe('credentials that the backend refuses', () => {
  async function refusedWith(status: 401 | 403, credentials: Credentials, caller: Caller) {
    const sent = await send(credentials, caller)
    return credentials.refused?.({ status, challenge: undefined, sent, caller })
  }

  it('are replaced once', async () => {
    const credentials = start()
    const alice = callerOf('alice')
    expect(await refusedWith(401, credentials, alice)).toBe(true)
    await send(credentials, alice)
    expect(sts.asked).toHaveLength(2)
    expect(await refusedWith(401, credentials, alice)).toBe(false)
    expect(sts.asked).toHaveLength(2)
  })

  it('are kept where the role may not do it, and replaced by then where they are old', async () => {
    const credentials = start()
    const alice = callerOf('alice')
    expect(await refusedWith(403, credentials, alice)).toBe(false)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 })
    try {
      expect(await refusedWith(403, credentials, alice)).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })

  it('are not replaced where others have come since', async () => {
    const credentials = start()
    const alice = callerOf('alice')
    const sent = await send(credentials, alice)
    await refusedWith(401, credentials, alice)
    await send(credentials, alice)
    expect(await credentials.refused?.({ status: 401, challenge: undefined, sent, caller: alice })).toBe(true)
    expect(sts.asked).toHaveLength(2)
  })
})

it('nothing secret is in errors and in the log', async () => {
  const token = tokenOf({ sub: 'alice' })
  sts.refuses(400, 'InvalidIdentityToken', `The token ${token} is not known`)
  const credentials = start()
  const error = await Promise.resolve(send(credentials, callerOf('alice', {}, token))).catch(
    (it: Error) => it,
  )
  await send(credentials, callerOf('bob'))
  const secrets = [token, token.split('.')[1], sts.issued[0]?.secretAccessKey, sts.issued[0]?.sessionToken]
  const said = `${(error as Error).stack} ${(error as Error).cause} ${lines.join('\n')}`
  for (const secret of secrets) expect(said).not.toContain(secret)
  expect(lines.join()).toContain('The token [token] is not known')
  expect(lines.join()).toContain(`"role":"${ACCOUNT}Guest"`)
})
