import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faultsIn, parse, said, withBlock } from '../testing.ts'

const PEM = { type: 'pkcs8', format: 'pem' } as const
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(PEM).toString()
const ENV = { KEY: EC, TEXT: 'correct horse battery staple' }
const AT = 'outgoingAuth.backends.b.mappedClaims'
const JWT = 'header: X-User-Token, issuer: me, audience: you'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmcp-key-'))
  writeFileSync(join(folder, 'open.pem'), EC)
  chmodSync(join(folder, 'open.pem'), 0o644)
  writeFileSync(join(folder, 'own.pem'), EC, { mode: 0o600 })
})
afterAll(() => rmSync(folder, { recursive: true }))

const mapped = (block: string, more = '') =>
  withBlock(
    'outgoingAuth',
    `{source: inline, backends: {b: {type: mapped_claims, mappedClaims: {${block.replace('FOLDER', folder)}}}}}`,
    more,
  )

describe('mappedClaims', () => {
  it.each([
    ['', `${AT}: backend "b" needs headers or jwt`],
    [
      'headers: [{claim: a, header: "X User"}]',
      `${AT}.headers[0].header: expected the name of an HTTP header`,
    ],
    [
      'headers: [{claim: a, header: Host}]',
      `${AT}.headers[0].header: the header Host belongs to the connection and may not be set`,
    ],
    [
      'headers: [{claim: a, header: Cookie}]',
      `${AT}.headers[0].header: the header Cookie may not be written from claims`,
    ],
    [
      'headers: [{claim: a, header: Authorization}, {claim: b, header: x-forwarded-for}]',
      `${AT}.headers[1].header: the header x-forwarded-for may not be written from claims`,
    ],
    [
      'headers: [{claim: a, header: mcp-session-id}]',
      `${AT}.headers[0].header: the header mcp-session-id belongs to the connection and may not be set`,
    ],
    [
      'headers: [{claim: a, header: X-User}, {claim: b, header: x_user}]',
      `${AT}.headers[1].header: the header x_user is given twice`,
    ],
    [
      'headers: [{claim: a, header: X-User, separator: "-"}]',
      `${AT}.headers[0].separator: expected one or two of comma, semicolon, bar and space`,
    ],
    [`jwt: {${JWT}}`, `${AT}.jwt: backend "b" needs either keyFile or keyEnv`],
    [`jwt: {${JWT}, keyFile: a, keyEnv: KEY}`, `${AT}.jwt: backend "b" needs either keyFile or keyEnv`],
    [`jwt: {${JWT}, keyFile: signing.pem}`, `${AT}.jwt.keyFile: expected an absolute path`],
    [
      `jwt: {${JWT}, keyEnv: NOT_SET}`,
      `${AT}.jwt.keyEnv: the environment variable NOT_SET is not set or empty`,
    ],
    [
      `jwt: {${JWT}, keyEnv: KEY, algorithm: ES384}`,
      `${AT}.jwt.keyEnv: the environment variable KEY holds a key of another kind than ES384 needs: secp384r1`,
    ],
    [
      `jwt: {${JWT}, keyEnv: KEY, algorithm: HS256}`,
      expect.stringContaining(`${AT}.jwt.algorithm: expected one of ES256`),
    ],
    [
      `jwt: {${JWT}, keyFile: FOLDER/none.pem}`,
      expect.stringMatching(/jwt\.keyFile: the signing key .*none\.pem cannot be read: ENOENT/),
    ],
    [
      `jwt: {${JWT}, keyFile: FOLDER/open.pem}`,
      expect.stringMatching(
        /others may read or change the signing key .*open\.pem: make it yours alone \(chmod 600\)/,
      ),
    ],
    [
      `jwt: {${JWT}, keyEnv: KEY, lifetime: 1s}`,
      `${AT}.jwt.lifetime: invalid duration: must be at least 10s`,
    ],
    [`jwt: {${JWT}, keyEnv: KEY, lifetime: 2h}`, `${AT}.jwt.lifetime: must be at most 1h`],
    [
      `jwt: {${JWT}, keyEnv: KEY, claims: [email, sub]}`,
      `${AT}.jwt.claims[1]: sub is said by this server itself and may not be a claim of the caller`,
    ],
    [`jwt: {${JWT}, keyEnv: KEY, headerFormat: Bearer}`, `${AT}.jwt.headerFormat: must contain {token}`],
  ])('%s', (block, error) => {
    expect(said('error', mapped(block), ENV)).toContainEqual(error)
  })

  it('does not show what is no key', () => {
    const errors = said('error', mapped(`jwt: {${JWT}, keyEnv: TEXT}`), ENV)
    expect(errors).toEqual([
      expect.stringMatching(
        /jwt\.keyEnv: the environment variable TEXT holds no private key in PEM \(make one with: openssl/,
      ),
    ])
    expect(errors.join()).not.toContain('horse')
  })

  it('lets nobody else write the headers that say who the caller is', () => {
    const block = `headers: [{claim: email, header: X-User-Email}]`
    expect(faultsIn(mapped(block, 'passthroughHeaders: [x_user_email]\n'))).toEqual([
      'passthroughHeaders[0]: x_user_email is written from claims (mappedClaims) and may not be passed through',
    ])
    const backend = (name: string) =>
      `backends: [{name: ${name}, transport: streamable-http, url: "http://127.0.0.1/", headers: {x-user-email: root}}]\n`
    expect(faultsIn(mapped(block, backend('b')))).toEqual([
      'backends[0].headers.x-user-email: x-user-email is written from claims (mappedClaims) and may not be set',
    ])
    expect(faultsIn(mapped(block, backend('c')))).toEqual([])
  })

  it('is the same in the older spelling, with defaults filled in', () => {
    const old = withBlock(
      'outgoingAuth',
      `{source: inline, backends: {b: {type: mapped_claims, mapped_claims: {
        headers: [{claim: email, header: X-User}],
        jwt: {${JWT}, header_format: "Bearer {token}", key_env: KEY, key_id: k1}}}}}`,
    )
    expect(said('error', old, ENV)).toEqual([])
    const result = parse(old, ENV)
    expect(result.ok && result.defaults.auths.get('b')).toEqual({
      type: 'mapped_claims',
      headers: [{ claim: 'email', header: 'X-User', required: false, encoding: 'plain', separator: ',' }],
      jwt: {
        header: 'X-User-Token',
        format: 'Bearer {token}',
        issuer: 'me',
        audience: 'you',
        lifetimeMs: 60_000,
        algorithm: 'ES256',
        key: { text: EC, place: 'the environment variable KEY' },
        keyId: 'k1',
        claims: [],
      },
    })
    expect(said('error', mapped(`jwt: {${JWT}, keyFile: FOLDER/own.pem}`))).toEqual([])
    const inAuthorization = JWT.replace('X-User-Token', 'Authorization')
    expect(said('error', mapped(`jwt: {${inAuthorization}, keyFile: FOLDER/own.pem}`))).toEqual([])
  })
})
