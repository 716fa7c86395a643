import { createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { exportJWK } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assemble, Forge } from '../../../../test/fixtures/idp/forge.ts'
import { rsaKeys } from '../../../../test/fixtures/idp/keys.ts'
import { echo, memoryGateway, type Served } from '../../testing.ts'
import { bearer, type GuardedOptions, serveGuarded } from '../testing.ts'

// Each is refused, nothing is called, and the server goes on.

let forge: Forge
let served: Served

beforeEach(async () => {
  forge = await Forge.start()
  await open()
})

afterEach(async () => {
  expect(await statusOf(await forge.sign().catch(() => '')), 'the server goes on').toBeOneOf([200, 401, 503])
  await served.close()
  await forge.close()
})

async function open(options: GuardedOptions = {}): Promise<void> {
  await served?.close().catch(() => {})
  const gateway = memoryGateway()
  gateway.tool('echo', echo)
  served = await serveGuarded(forge, { gateway, ...options })
}

const call = (headers: Record<string, string>) =>
  served.modern('tools/call', { name: 'echo', arguments: {} }, { headers })
const statusOf = async (token: string) => (await call(bearer(token))).status

async function refused(token: string): Promise<string> {
  const reply = await call(bearer(token))
  expect(reply.status).toBe(401)
  expect(served.gateway.callers).toEqual([])
  const { error, error_description } = (await reply.json()) as Record<string, string>
  expect(error).toBe('invalid_token')
  return error_description ?? ''
}

it('a token that is as it should be is let in, or none of these tests would mean anything', async () => {
  expect(await statusOf(await forge.sign())).toBe(200)
})

describe('a forged signature', () => {
  it.each(['none', 'None', 'nOnE', ''])('alg %s', async (alg) => {
    expect(await refused(assemble({ alg, typ: 'JWT' }, forge.claims()))).toMatch(/not accepted|malformed/)
  })

  it('HS256 with the public key as the secret, in every form that it has', async () => {
    const key = createPublicKey({ key: forge.jwk as never, format: 'jwk' })
    const secrets = [
      key.export({ type: 'spki', format: 'pem' }) as string,
      key.export({ type: 'pkcs1', format: 'pem' }) as string,
      key.export({ type: 'spki', format: 'der' }),
      JSON.stringify(forge.jwk),
      forge.jwk.n as string,
    ]
    for (const secret of secrets)
      for (const header of [{ alg: 'HS256', kid: 'good' }, { alg: 'HS256' }])
        expect(await refused(assemble({ typ: 'JWT', ...header }, forge.claims(), secret))).toMatch(
          /not accepted/,
        )
  })

  it('HS256 with a symmetric key that the issuer publishes by mistake', async () => {
    const secret = Buffer.from('a secret that everybody can read, 32+ bytes')
    const oct = { kty: 'oct', k: secret.toString('base64url'), kid: 'oct', alg: 'HS256', use: 'sig' }
    forge.says('/keys', { keys: [oct, forge.jwk] })
    await refused(assemble({ alg: 'HS256', kid: 'oct', typ: 'JWT' }, forge.claims(), secret))
  })

  it('by a key of the attacker that comes along in the header, or is said to be somewhere', async () => {
    const { privateKey, publicKey } = await rsaKeys()
    const jwk = await exportJWK(publicKey)
    const stranger = await Forge.start()
    const jku = `${stranger.issuer}/keys`
    for (const header of [{ jwk }, { jku }, { x5u: jku }, { kid: '../../dev/null' }, { kid: 'good', jwk }])
      await refused(await forge.sign(forge.claims(), header as never, privateKey))
    expect(stranger.asked).toEqual([])
    await stranger.close()
  })

  it('with an algorithm that is not on the list, or an extension that must be understood', async () => {
    await open({ algorithms: ['ES256'] })
    expect(await refused(await forge.sign())).toMatch(/not accepted/)
    const header = { alg: 'RS256', kid: 'good', crit: ['x'], x: 1 }
    await refused(assemble(header, forge.claims(), 'x'))
  })

  it('a token whose claims were changed after it was signed', async () => {
    const [header, , signature] = (await forge.sign()).split('.')
    const claims = Buffer.from(JSON.stringify(forge.claims({ sub: 'root' }))).toString('base64url')
    expect(await refused(`${header}.${claims}.${signature}`)).toBe(
      'the signature of the access token is wrong',
    )
  })
})

describe('a token that was issued, but not for this', () => {
  it.each([
    ['another audience', { aud: 'https://other.example' }, 'for another audience'],
    ['an audience that only begins alike', { aud: 'https://vmcp.example/mcp/' }, 'for another audience'],
    ['no audience', { aud: undefined }, 'lacks the claim aud'],
    ['another issuer', { iss: 'https://evil.example' }, 'of another issuer'],
    ['no issuer', { iss: undefined }, 'lacks the claim iss'],
    ['no subject', { sub: undefined }, 'lacks the claim sub'],
    ['an empty subject', { sub: '' }, 'subject'],
    ['a subject that is no text', { sub: 7 }, 'subject'],
    ['no end', { exp: undefined }, 'lacks the claim exp'],
    ['an end that is text', { exp: '9999999999' }, 'exp'],
    ['an end that has come', { exp: 1 }, 'has expired'],
    ['a beginning that is to come', { nbf: 9_999_999_999 }, 'not valid yet'],
    ['the marks of an ID token', { at_hash: 'x' }, 'no access token'],
    ['the marks of a refresh token', { typ: 'Refresh' }, 'no access token'],
    ['the use of an ID token', { token_use: 'id' }, 'no access token'],
  ])('%s', async (_, claims, reason) => {
    expect(await refused(await forge.sign(forge.claims(claims)))).toContain(reason)
  })

  it.each(['logout+jwt', 'secevent+jwt', 'dpop+jwt', 'application/kb+jwt', 'JOSE'])('typ %s', async (typ) => {
    expect(await refused(await forge.sign(forge.claims(), { typ }))).toContain(
      'of a type that gives no access',
    )
  })

  it('within the clock skew that is configured it is taken, and beyond it is not', async () => {
    await open({ clockSkewMs: 60_000 })
    const now = Math.floor(Date.now() / 1000)
    expect(await statusOf(await forge.sign(forge.claims({ exp: now - 50 })))).toBe(200)
    expect(await statusOf(await forge.sign(forge.claims({ exp: now - 70 })))).toBe(401)
    expect(await statusOf(await forge.sign(forge.claims({ nbf: now + 50 })))).toBe(200)
    expect(await statusOf(await forge.sign(forge.claims({ nbf: now + 70 })))).toBe(401)
  })
})

describe('what is no token', () => {
  it.each(['a.b.c', 'eyJhbGciOiJSUzI1NiJ9.e30.x', 'x', '....', 'a.b.c.d.e', `${'['.repeat(0)}-`])(
    '%s',
    async (token) => {
      await refused(token)
    },
  )

  it('claims that are nested deep, or no JSON', async () => {
    const deep = '['.repeat(5_000) + ']'.repeat(5_000)
    await refused(assemble({ alg: 'RS256', kid: 'good' }, deep.slice(0, 6_000), 'x'))
    await refused(assemble({ alg: 'RS256', kid: 'good' }, '{"sub":', 'x'))
  })

  it('a token that is too long to be one', async () => {
    expect(await refused('a'.repeat(20_000))).toBe('the access token is longer than 16384 characters')
    expect(await refused('a'.repeat(500_000))).toBe('the access token is longer than 16384 characters')
  })

  it('other credentials, and a token in the address', async () => {
    const challenge = (reply: Response) => reply.headers.get('www-authenticate') ?? ''
    const basic = await call({ authorization: 'Basic YTpi' })
    expect([basic.status, challenge(basic)]).toEqual([401, expect.not.stringContaining('error=')])
    const url = `${served.url}?access_token=${await forge.sign()}`
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401)
    const odd = await call({ authorization: 'Bearer two words' })
    expect([odd.status, challenge(odd)]).toEqual([400, expect.stringContaining('error="invalid_request"')])
    expect(served.gateway.callers).toEqual([])
  })

  it('two Authorization headers, whichever of them is good', async () => {
    const good = `Bearer ${await forge.sign()}`
    await statusOf(good.slice(7))
    const { port } = new URL(served.url)
    for (const pair of [
      [good, 'Bearer x'],
      ['Bearer x', good],
      [good, good],
    ]) {
      const lines = pair
        .map((value, at) => `${at === 0 ? 'Authorization' : 'aUTHORIZATION'}: ${value}\r\n`)
        .join('')
      const socket = connect(Number(port), '127.0.0.1')
      socket.write(`POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines}Content-Length: 2\r\n\r\n{}`)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toMatch(/^HTTP\/1.1 400 [\s\S]*error="invalid_request"/)
      socket.destroy()
    }
  })

  it('a request for a name that is not ours, with a good token (DNS rebinding)', async () => {
    const { port } = new URL(served.url)
    const token = await forge.sign()
    const statusFor = async (host: string) => {
      const headers = {
        ...bearer(token),
        host,
        'content-type': 'application/json',
        'content-length': '2',
      }
      const sent = request({ port, host: '127.0.0.1', path: '/mcp', method: 'POST', headers }).end('{}')
      const [reply] = (await once(sent, 'response')) as [import('node:http').IncomingMessage]
      reply.resume()
      return reply.statusCode
    }
    expect(await statusFor('evil.example')).toBe(403)
    expect(await statusFor('127.0.0.1')).toBe(400)
  })
})

describe('an issuer that does not behave', () => {
  const stuck = async () => {
    const began = performance.now()
    const reply = await call(bearer(await forge.sign()))
    expect(reply.status).toBe(503)
    expect(served.gateway.callers).toEqual([])
    return performance.now() - began
  }

  it('a key set that is huge', async () => {
    forge.answers.set('/keys', (_, res) => {
      const piece = Buffer.alloc(64 * 1024, ' ')
      const pour = () => {
        while (!res.destroyed && res.write(piece));
      }
      res.on('drain', pour).writeHead(200)
      pour()
    })
    expect(await stuck()).toBeLessThan(4_000)
  })

  it('a key set that never comes to its end', async () => {
    forge.answers.set('/keys', (_, res) => {
      const drip = setInterval(() => res.write(' '), 100)
      res.on('close', () => clearInterval(drip))
      res.writeHead(200)
    })
    expect(await stuck()).toBeLessThan(8_000)
  })

  const many = {
    keys: Array.from({ length: 101 }, (_, i) => ({ kty: 'EC', crv: 'P-256', x: 'a', y: 'b', kid: `${i}` })),
  }
  const deep = `{"keys":[{"kty":"RSA","n":"${'a'.repeat(400)}","e":"AQAB","x":${'['.repeat(90_000)}${']'.repeat(90_000)}}]}`
  it.each<[string, unknown]>([
    ['more keys than anybody has', many],
    ['no list of keys', { keys: 'all of them' }],
    ['keys that are none', { keys: [null, 1, 'x', []] }],
    [
      'a key that takes long to verify with',
      { keys: [{ kty: 'RSA', n: 'a'.repeat(100_000), e: 'AQAB', kid: 'good' }] },
    ],
    [
      'an exponent that takes long',
      { keys: [{ kty: 'RSA', n: 'a'.repeat(342), e: 'a'.repeat(342), kid: 'good' }] },
    ],
    [
      'a key that is short enough to break',
      { keys: [{ kty: 'RSA', n: 'a'.repeat(171), e: 'AQAB', kid: 'good' }] },
    ],
    ['something nested deep', deep],
    ['no JSON', '<html>'],
  ])('a key set with %s', async (_, body) => {
    forge.says('/keys', body)
    expect(await statusOf(await forge.sign())).toBeOneOf([401, 503])
    expect(served.gateway.callers).toEqual([])
  })

  it('metadata of another issuer', async () => {
    forge.says('/.well-known/openid-configuration', {
      issuer: 'https://evil.example',
      jwks_uri: `${forge.issuer}/keys`,
    })
    await stuck()
    expect(forge.asked).not.toContain('/keys')
  })

  it.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/keys',
    'http://u:p@127.0.0.1/keys',
    'data:application/json,{}',
    'nowhere',
  ])('metadata that leads to %s', async (jwks_uri) => {
    forge.says('/.well-known/openid-configuration', { issuer: forge.issuer, jwks_uri })
    await stuck()
  })

  it('keys behind a redirect', async () => {
    const inner = await Forge.start()
    forge.answers.set(
      '/keys',
      (_, res) => void res.writeHead(302, { location: `${inner.issuer}/keys` }).end(),
    )
    await stuck()
    expect(inner.asked).toEqual([])
    await inner.close()
  })
})
