import { describe, expect, it } from 'vitest'
import type { OAuthConfig } from '../../core/oauth-config.ts'
import { faultsIn, MINIMAL, parse, withBlock } from '../testing.ts'

const ENV = { SET: 'x', XDG_STATE_HOME: '/state' }
const strategy = (oauth: string) =>
  withBlock('outgoingAuth', `{source: inline, backends: {b: {type: oauth, oauth: {${oauth}}}}}`)
const AT = 'outgoingAuth.backends.b.oauth'
const ISSUER = 'issuer: https://login.example'

describe('the strategy oauth', () => {
  it.each([
    [
      'clientId: me',
      `${AT}.clientId: backend "b" has clientId without issuer: a backend could have its client secret sent elsewhere`,
      `clientId: me, ${ISSUER}`,
    ],
    [
      `${ISSUER}, clientSecretEnv: SET`,
      `${AT}.clientSecretEnv: backend "b" has clientSecretEnv without clientId`,
      `${ISSUER}, clientId: me, clientSecretEnv: SET`,
    ],
    [
      `${ISSUER}, clientId: me, clientSecret: a, clientSecretEnv: SET`,
      `${AT}.clientSecretEnv: backend "b" has both clientSecret and clientSecretEnv; keep one`,
      `${ISSUER}, clientId: me, clientSecret: a`,
    ],
    [
      `${ISSUER}, clientId: me, clientSecretEnv: NOT_SET`,
      `${AT}.clientSecretEnv: backend "b" needs the environment variable NOT_SET, which is not set or empty`,
      'scopes: [a, b], redirectPort: 8085, allowPrivateIp: true, keyEnv: SET',
    ],
    [
      `${ISSUER}, clientId: me, clientIdMetadataUrl: "https://me.example/client.json"`,
      `${AT}.clientIdMetadataUrl: backend "b" has both clientId and clientIdMetadataUrl; keep one`,
      'clientIdMetadataUrl: "https://me.example/client.json"',
    ],
    [
      'clientIdMetadataUrl: "http://me.example/client.json"',
      `${AT}.clientIdMetadataUrl: a client id of this kind is an https URL with a path, and without a fragment and credentials`,
      '',
    ],
    [
      'clientIdMetadataUrl: "https://me.example"',
      `${AT}.clientIdMetadataUrl: a client id of this kind is an https URL with a path, and without a fragment and credentials`,
      '',
    ],
    [
      'issuer: "http://login.example"',
      `${AT}.issuer: the login would go over plain HTTP`,
      'issuer: "http://localhost:9"',
    ],
    [
      'issuer: "https://login.example?a"',
      `${AT}.issuer: an issuer has neither a query nor a fragment`,
      ISSUER,
    ],
    [
      'keyEnv: NOT_SET',
      `${AT}.keyEnv: backend "b" needs the environment variable NOT_SET, which is not set or empty`,
      '',
    ],
    ['redirectPort: 70000', `${AT}.redirectPort: must be at most 65535`, 'redirectPort: 65535'],
    ['pkce: false', `${AT}.pkce: unknown key`, ''],
  ])('%s', (bad, error, good) => {
    expect(faultsIn(strategy(bad), ENV)).toEqual(expect.arrayContaining([error]))
    expect(faultsIn(strategy(good), ENV)).toEqual([])
  })

  it('is not for addresses to which a token would go in the clear, nor for several', () => {
    const backend = (more: string) =>
      withBlock(
        'outgoingAuth',
        '{source: inline, default: {type: oauth}}',
        `backends: [{name: b, transport: streamable-http, ${more}}]\n`,
      )
    expect(faultsIn(backend('url: "http://mcp.example/mcp"'))).toEqual([
      'backends[0].url: backend "b" has a login, whose token would go over plain HTTP',
    ])
    expect(faultsIn(backend('url: "https://a.example", replicas: ["https://b.example"]'))).toEqual([
      'backends[0].replicas: backend "b" has a login, which is good at one address only',
    ])
    for (const url of ['http://127.0.0.1:8080/mcp', 'http://[::1]:8080/mcp', 'https://mcp.example/mcp'])
      expect(faultsIn(backend(`url: "${url}"`))).toEqual([])
  })

  it('is read in both dialects, with its place in the folder of state', () => {
    const write = (text: string) => {
      const loaded = parse(MINIMAL.replace('source: inline', `source: inline\n  default: ${text}`), ENV)
      return loaded.ok ? (loaded.defaults.auth as OAuthConfig) : loaded.diagnostics
    }
    const expected = {
      type: 'oauth',
      issuer: 'https://login.example',
      client: { id: 'me', secret: 'x' },
      clientIdMetadataUrl: undefined,
      scopes: undefined,
      redirectPort: 8085,
      allowPrivateIp: true,
      store: { folder: '/state/vmcp/oauth', key: { text: 'x', place: 'the environment variable SET' } },
    }
    const camel = `{type: oauth, oauth: {${ISSUER}, clientId: me, clientSecretEnv: SET, redirectPort: 8085, allowPrivateIp: true, keyEnv: SET}}`
    const snake = `{type: oauth, oauth: {${ISSUER}, client_id: me, client_secret_env: SET, redirect_port: 8085, allow_private_ip: true, key_env: SET}}`
    expect(write(camel)).toEqual(expected)
    expect(write(snake)).toEqual(expected)
    expect(write('{type: oauth}')).toMatchObject({
      store: { key: { file: '/state/vmcp/oauth/key' } },
      allowPrivateIp: false,
    })
  })
})
