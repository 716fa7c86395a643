import { describe, expect, it } from 'vitest'
import { parse, said, withBlock } from '../testing.ts'

const ENV = { SET: 'x' }
const backend = (strategy: string) =>
  withBlock('outgoingAuth', `{source: inline, backends: {b: ${strategy}}}`)
const exchange = (more: string) => backend(`{type: token_exchange, tokenExchange: {${more}}}`)
const errors = (text: string) => said('error', text, ENV)
const AT = 'outgoingAuth.backends.b.tokenExchange'
const CLIENT = 'clientId: c, clientSecretEnv: SET'

describe('a token endpoint', () => {
  it('is asked over TLS, unless it is on this machine or that is allowed', () => {
    for (const url of ['http://idp.example/t', 'http://10.0.0.1/t', 'http://localhost.example/t'])
      expect(errors(exchange(`tokenUrl: "${url}"`)), url).toEqual([
        `${AT}.tokenUrl: secrets and tokens would be sent over plain HTTP`,
      ])
    for (const url of ['http://127.0.0.1:9/t', 'http://[::1]/t', 'http://localhost/t', 'https://10.0.0.1/t'])
      expect(errors(exchange(`tokenUrl: "${url}"`)), url).toEqual([])
    expect(errors(exchange('tokenUrl: "http://idp.example/t", insecureTokenUrl: true'))).toEqual([])
  })

  it('has no credentials and no fragment in its address', () => {
    expect(errors(exchange('tokenUrl: "https://a:b@idp.example/t"'))).toEqual([
      `${AT}.tokenUrl: the URL may not hold credentials`,
    ])
    expect(errors(exchange('tokenUrl: "https://idp.example/t#x"'))).toEqual([
      `${AT}.tokenUrl: a token endpoint has no fragment`,
    ])
  })

  it('knows a secret by the id that it belongs to', () => {
    expect(errors(exchange('tokenUrl: https://idp.example, clientSecretEnv: SET'))).toEqual([
      `${AT}.clientSecretEnv: backend "b" has a client secret and no clientId`,
    ])
    expect(errors(exchange(`tokenUrl: https://idp.example, ${CLIENT}`))).toEqual([])
  })

  it('gives nothing for the name of a client alone', () => {
    const credentials = (more: string) =>
      backend(`{type: client_credentials, clientCredentials: {tokenUrl: https://idp.example, ${more}}}`)
    expect(errors(credentials('clientId: c'))).toEqual([
      'outgoingAuth.backends.b.clientCredentials: backend "b" needs clientSecret or clientSecretEnv',
    ])
    expect(errors(credentials('clientId: c, clientSecretEnv: NONE'))).toEqual([
      'outgoingAuth.backends.b.clientCredentials.clientSecretEnv: backend "b" needs the environment variable NONE, which is not set or empty',
    ])
    expect(errors(credentials(CLIENT))).toEqual([])
  })

  it('is judged twice for xaa, which has two', () => {
    const xaa = (more: string) =>
      backend(
        `{type: xaa, xaa: {idpTokenUrl: "http://i.example", targetTokenUrl: "http://t.example", targetAudience: a${more}}}`,
      )
    expect(errors(xaa(', targetClientSecret: s'))).toEqual([
      'outgoingAuth.backends.b.xaa.idpTokenUrl: secrets and tokens would be sent over plain HTTP',
      'outgoingAuth.backends.b.xaa.targetTokenUrl: secrets and tokens would be sent over plain HTTP',
      'outgoingAuth.backends.b.xaa.targetClientSecret: backend "b" has a client secret and no targetClientId',
    ])
    expect(errors(xaa(', insecureIdpTokenUrl: true, insecureTargetTokenUrl: true'))).toEqual([])
  })

  it('is told a type of token that there is', () => {
    const typed = (type: string) => exchange(`tokenUrl: https://idp.example, subjectTokenType: "${type}"`)
    expect(errors(typed('acess_token'))).toEqual([
      `${AT}.subjectTokenType: expected one of access_token, id_token, jwt, or a URI`,
    ])
    for (const type of ['access_token', 'id_token', 'jwt', 'urn:ietf:params:oauth:token-type:saml2'])
      expect(errors(typed(type)), type).toEqual([])
  })

  it('is said where in the file it is wrong', () => {
    const text = `${withBlock('aggregation', '{conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: x}}').replace(/outgoingAuth.*\n/, '')}outgoingAuth:
  source: inline
  backends:
    b:
      type: token_exchange
      tokenExchange:
        tokenUrl: http://idp.example/token
`
    const line = text.split('\n').findIndex((it) => it.includes('tokenUrl')) + 1
    const [error] = parse(text).diagnostics.filter(({ severity }) => severity === 'error')
    expect([error?.line, error?.column]).toEqual([line, 19])
  })
})

it('the login provider of a token is not one of ours', () => {
  expect(errors(exchange('tokenUrl: https://idp.example, subjectProviderName: okta'))).toEqual([
    `${AT}.subjectProviderName: the key subjectProviderName (there is no embedded authorization server) is not supported by this version of vmcp`,
  ])
})

it('it is odd to make credentials of the tokens of callers who have none', () => {
  expect(said('warning', exchange('tokenUrl: https://idp.example'), ENV)).toEqual([
    'outgoingAuth.backends.b.type: no call will have credentials: callers have no tokens with incomingAuth.type anonymous',
  ])
  const text = exchange('tokenUrl: https://idp.example').replace(
    'incomingAuth: {type: anonymous}',
    'incomingAuth: {type: oidc, oidc: {issuer: https://i.example, audience: a, resource: https://x.example/mcp}}',
  )
  expect(said('warning', text, ENV)).toEqual([])
})
