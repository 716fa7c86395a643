import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Forge } from '../../../../test/fixtures/idp/forge.ts'
import { echo, memoryGateway, type Served } from '../../testing.ts'
import { bearer, type GuardedOptions, serveGuarded } from '../testing.ts'
import { metadataUrls } from './discovery.ts'
import { metadataUrl } from './resource.ts'

const TLS = join(import.meta.dirname, '../../../backends/testing/tls')

let forge: Forge
let served: Served | undefined

beforeEach(async () => {
  forge = await Forge.start()
})
afterEach(async () => {
  await served?.close()
  await forge.close()
})

async function open(options: GuardedOptions = {}, issuer = forge.issuer): Promise<void> {
  const gateway = memoryGateway()
  gateway.tool('echo', echo)
  served = await serveGuarded(
    { issuer, client: { clientId: 'a:b c', clientSecret: 's&%' } },
    { gateway, ...options },
  )
}

async function outcome(token: string): Promise<unknown> {
  if (served === undefined) throw new Error('nothing is served')
  const reply = await served.modern('tools/call', { name: 'echo', arguments: {} }, { headers: bearer(token) })
  if (reply.status === 200) return 200
  return ((await reply.json()) as { error_description?: unknown }).error_description
}

describe('an issuer that says what opaque tokens are worth', () => {
  const answer = (reply: unknown) => forge.says('/introspect', reply)
  const good = () => ({ active: true, sub: 'alice', aud: 'https://vmcp.example/mcp', iss: forge.issuer })

  beforeEach(async () => {
    const jwks_uri = `${forge.issuer}/keys`
    const introspection_endpoint = `${forge.issuer}/introspect`
    forge.says('/.well-known/openid-configuration', {
      issuer: forge.issuer,
      jwks_uri,
      introspection_endpoint,
    })
    await open()
  })

  it('is asked as the client that we are, in the form that RFC 6749 has for that', async () => {
    let authorization: string | undefined
    let body = ''
    forge.answers.set('/introspect', (req, res) => {
      authorization = req.headers.authorization
      req.on('data', (piece: Buffer) => {
        body += piece.toString()
      })
      req.on('end', () => res.end(JSON.stringify(good())))
    })
    expect(await outcome('opaque+/=')).toBe(200)
    const [, encoded = ''] = authorization?.split(' ') ?? []
    expect(Buffer.from(encoded, 'base64').toString()).toBe('a%3Ab+c:s%26%25')
    expect(body).toBe('token=opaque%2B%2F%3D&token_type_hint=access_token')
  })

  it.each<[object, string]>([
    [{ active: 'true' }, 'the access token is not active'],
    [{ active: false }, 'the access token is not active'],
    [{ active: undefined }, 'the access token is not active'],
    [{ aud: undefined }, 'the access token is for another audience'],
    [{ aud: ['a', 'b'] }, 'the access token is for another audience'],
    [{ iss: 'https://evil.example' }, 'the access token is of another issuer'],
    [{ sub: undefined }, 'the access token has no subject'],
    [{ exp: 1 }, 'the access token has expired'],
    [{ exp: '9999999999' }, 'the access token has expired'],
    [{ nbf: 9_999_999_999 }, 'the access token is not valid yet'],
  ])('is heard when it says %j', async (more, reason) => {
    answer({ ...good(), ...more })
    expect(await outcome('opaque')).toBe(reason)
    answer({ ...good(), aud: ['x', 'https://vmcp.example/mcp'] })
    expect(await outcome('another')).toBe(200)
  })

  it.each([[[]], ['no JSON'], [`{"active":true,"x":"${'x'.repeat(70_000)}"}`]])(
    'is not believed what is no answer',
    async (reply) => {
      answer(reply)
      expect(await outcome('opaque')).toMatch(/cannot be verified now/)
    },
  )
})

it('without an endpoint for them opaque tokens are refused', async () => {
  await open()
  expect(await outcome('opaque')).toBe('the access token is no JWT, and no others are accepted')
})

it('keys outlive the issuer', async () => {
  await open()
  expect(await outcome(await forge.sign())).toBe(200)
  forge.answers.set('/keys', (_, res) => void res.writeHead(500).end())
  expect(await outcome(await forge.sign(forge.claims({ sub: 'bob' })))).toBe(200)
})

it('an issuer by authorities of its own is trusted where they are named', async () => {
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(join(TLS, name)))
  const server = createServer({ cert, key } as object, (req, res) => forge.answer(req, res))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  forge.says('/.well-known/openid-configuration', { issuer, jwks_uri: `${issuer}/keys` })
  const token = await forge.sign(forge.claims({ iss: issuer }))
  await open({ allowHttp: false }, issuer)
  expect(await outcome(token)).toMatch(/cannot be verified now/)
  await served?.close()
  await open({ allowHttp: false, caBundlePath: join(TLS, 'cert.pem') }, issuer)
  expect(await outcome(token)).toBe(200)
  await expect(open({ caBundlePath: '/nowhere.pem' }, issuer)).rejects.toThrow(/cannot read the CA bundle/)
  server.closeAllConnections()
  server.close()
})

it.each([
  [
    'https://h.example',
    [
      'https://h.example/.well-known/oauth-authorization-server',
      'https://h.example/.well-known/openid-configuration',
    ],
  ],
  [
    'https://h.example/realms/one/',
    [
      'https://h.example/.well-known/oauth-authorization-server/realms/one',
      'https://h.example/.well-known/openid-configuration/realms/one',
      'https://h.example/realms/one/.well-known/openid-configuration',
    ],
  ],
])('the metadata of the issuer %s is looked for where the specification says', (issuer, urls) => {
  expect(metadataUrls(issuer)).toEqual(urls)
})

it.each([
  ['https://h.example/mcp', 'https://h.example/.well-known/oauth-protected-resource/mcp'],
  ['https://h.example/team/mcp/', 'https://h.example/.well-known/oauth-protected-resource/team/mcp'],
  ['https://h.example', 'https://h.example/.well-known/oauth-protected-resource'],
  ['https://h.example:8443/', 'https://h.example:8443/.well-known/oauth-protected-resource'],
])('the metadata of the resource %s is at %s', (resource, url) => {
  expect(metadataUrl(resource).href).toBe(url)
})
