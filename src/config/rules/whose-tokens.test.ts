import { describe, expect, it } from 'vitest'
import { parse, said } from '../testing.ts'

const OIDC =
  '{type: oidc, oidc: {issuer: "https://login.example", audience: AUDIENCE, resource: "https://mcp.example/mcp"}}'

function file(
  outgoing: string,
  url: string,
  { incoming = OIDC, audience = 'https://mcp.example/mcp' } = {},
): string {
  return `name: demo
groupRef: dev
incomingAuth: ${incoming.replace('AUDIENCE', JSON.stringify(audience))}
outgoingAuth:
  source: inline
${outgoing}
aggregation: {conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: x}}
backends:
  - {name: b, url: "${url}", transport: streamable-http}
`
}
const of = (type: string) => `  backends:\n    b:\n      type: ${type}`
const warnings = (text: string) => said('warning', text, { XDG_STATE_HOME: '/state' })

describe('pass_through to somebody else', () => {
  const TOLD =
    'tokens of callers, made for https://mcp.example/mcp, are sent on to backend "b" at other.example, which can use them wherever they are taken (RFC 8707)'

  it('is told of where the strategy is', () => {
    const text = file(of('pass_through'), 'https://other.example/mcp')
    expect(warnings(text)).toEqual([`outgoingAuth.backends.b.type: ${TOLD}`])
    const [found] = parse(text).diagnostics
    expect(found).toMatchObject({
      severity: 'warning',
      line: 8,
      column: 13,
      hint: expect.stringContaining('token_exchange'),
    })
  })

  it('also where it is the default, for the backends that have it', () => {
    expect(warnings(file('  default: {type: pass_through}', 'https://other.example/mcp'))).toEqual([
      `outgoingAuth.default.type: ${TOLD}`,
    ])
    const own = `${of('unauthenticated')}\n  default: {type: pass_through}`
    expect(warnings(file(own, 'https://other.example/mcp'))).toEqual([])
  })

  it('and also in the older dialect', () => {
    const text = file(of('pass_through'), 'https://other.example/mcp').replace(
      'outgoingAuth',
      'outgoing_auth',
    )
    expect(warnings(text).join()).toContain('are sent on to backend "b" at other.example')
  })

  it('is nothing to tell of where it is the same host, the audience, or this machine', () => {
    for (const url of ['https://mcp.example:8443/b', 'http://localhost:1/mcp', 'http://[::1]:1/mcp'])
      expect(warnings(file(of('pass_through'), url)), url).toEqual([])
    const audience = 'https://other.example'
    expect(warnings(file(of('pass_through'), 'https://other.example/mcp', { audience }))).toEqual([])
    expect(warnings(file(of('unauthenticated'), 'https://other.example/mcp'))).toEqual([])
  })
})

describe('one login for all callers', () => {
  it('is told of where callers are told apart', () => {
    const text = file(of('oauth'), 'https://other.example/mcp')
    expect(warnings(text)).toEqual([
      'outgoingAuth.backends.b.type: all callers act at backend "b" as the one who logs in to it (vmcp login b)',
    ])
    expect(
      warnings(file(of('oauth'), 'https://other.example/mcp', { incoming: '{type: anonymous}' })),
    ).toEqual([])
  })
})
