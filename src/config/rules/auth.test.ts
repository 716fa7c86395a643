import { describe, expect, it } from 'vitest'
import { faultsIn, said, withBlock } from '../testing.ts'

/** The block of a good file, the error that must come of it, and the same mended. */
type Case = readonly [bad: string, error: string, good: string]

describe('incomingAuth', () => {
  const OIDC = 'issuer: https://i.example, audience: a'
  it.each<Case>([
    ['{type: oidc}', 'incomingAuth: type oidc needs the block oidc', `{type: oidc, oidc: {${OIDC}}}`],
    [
      '{type: oidc, oidc: {audience: a}}',
      'incomingAuth.oidc.issuer: required: expected text',
      '{type: local}',
    ],
    [
      '{type: oidc, oidc: {issuer: https://i.example}}',
      'incomingAuth.oidc.audience: required: expected text',
      `{type: oidc, oidc: {${OIDC}, scopes: [a], clientId: b}}`,
    ],
    [
      '{type: oidc, oidc: {issuer: i.example, audience: a}}',
      'incomingAuth.oidc.issuer: expected an http:// or https:// URL',
      `{type: oidc, oidc: {${OIDC}, resource: https://x.example/mcp}}`,
    ],
    [
      `{type: oidc, oidc: {${OIDC}, clientSecretEnv: NOT_SET}}`,
      'incomingAuth.oidc.clientSecretEnv: the environment variable NOT_SET is not set or empty',
      `{type: oidc, oidc: {${OIDC}, clientSecretEnv: SET}}`,
    ],
    [
      '{type: oidc, oidc: {issuer: "http://i.example", audience: a}}',
      'incomingAuth.oidc.issuer: tokens would be judged by what comes over plain HTTP',
      '{type: oidc, oidc: {issuer: "http://i.example", audience: a, insecureAllowHttp: true}}',
    ],
    [
      `{type: oidc, oidc: {${OIDC}, jwksUrl: "https://169.254.169.254/keys"}}`,
      'incomingAuth.oidc.jwksUrl: 169.254.169.254 is a private address',
      `{type: oidc, oidc: {${OIDC}, jwksUrl: "https://10.0.0.1/keys", jwksAllowPrivateIp: true}}`,
    ],
    [
      `{type: oidc, oidc: {${OIDC}, jwksUrl: "https://[::ffff:127.0.0.1]/keys"}}`,
      'incomingAuth.oidc.jwksUrl: [::ffff:7f00:1] is a private address',
      `{type: oidc, oidc: {${OIDC}, jwksUrl: "https://keys.example/"}}`,
    ],
    [
      `{type: oidc, oidc: {${OIDC}, introspectionUrl: "https://u:p@i.example/"}}`,
      'incomingAuth.oidc.introspectionUrl: the URL may not hold credentials',
      `{type: oidc, oidc: {${OIDC}, introspectionUrl: "https://i.example/", clientId: a, clientSecretEnv: SET}}`,
    ],
    [
      `{type: oidc, oidc: {${OIDC}, introspectionUrl: "https://i.example/", clientId: a}}`,
      'incomingAuth.oidc.introspectionUrl: introspection needs clientId and clientSecretEnv',
      `{type: oidc, oidc: {${OIDC}, clientId: a, clientSecretEnv: SET, introspectionCacheTtl: 0s}}`,
    ],
    [
      `{type: oidc, oidc: {${OIDC}, introspectionCacheTtl: 11m}}`,
      'incomingAuth.oidc.introspectionCacheTtl: must be at most 10m',
      `{type: oidc, oidc: {${OIDC}, introspectionCacheTtl: 10m, clockSkew: 5m}}`,
    ],
    [
      `{type: oidc, oidc: {${OIDC}, algorithms: [RS256, HS256]}}`,
      'incomingAuth.oidc.algorithms[1]: expected one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519, found "HS256"',
      `{type: oidc, oidc: {${OIDC}, algorithms: [ES256]}}`,
    ],
    [
      `{type: oidc, oidc: {${OIDC}, resource: "https://x.example/mcp#a"}}`,
      'incomingAuth.oidc.resource: a resource has neither a query nor a fragment',
      `{type: oidc, oidc: {${OIDC}, resource: "https://x.example/mcp"}}`,
    ],
    [
      '{type: oidc, oidc: {issuer: "https://i.example?a=b", audience: a}}',
      'incomingAuth.oidc.issuer: an issuer has neither a query nor a fragment',
      '{type: oidc, oidc: {issuer: "https://i.example/realms/one", audience: a}}',
    ],
    [
      `{type: oidc, oidc: {${OIDC}, scopes: ["a b"]}}`,
      'incomingAuth.oidc.scopes[0]: a scope may not hold spaces, quotes or backslashes',
      `{type: oidc, oidc: {${OIDC}, requiredScopes: {methods: {tools/call: [a]}, tools: {t: [b]}}, scopeHierarchy: {c: [a, b]}}}`,
    ],
    [
      '{type: anonymous, authz: {type: cedar}}',
      'incomingAuth.authz: type cedar needs policies or policyFiles',
      '{type: anonymous, authz: {type: none}}',
    ],
    [
      '{type: anonymous, authz: {type: ceder}}',
      'incomingAuth.authz.type: expected one of cedar, none, found "ceder"',
      '{type: anonymous, authz: {type: cedar, policies: ["permit(principal, action, resource);"]}}',
    ],
    [
      '{type: anonymous, authz: {type: none, groupEntityType: "A::B"}}',
      'incomingAuth.authz.groupEntityType: may not contain ::',
      '{type: anonymous, authz: {type: none, groupEntityType: Team}}',
    ],
    [
      '{type: anonymous, authz: {type: none, entitiesJson: "{}"}}',
      'incomingAuth.authz.entitiesJson: expected a JSON list of entities',
      '{type: anonymous, authz: {type: none, entitiesJson: "[]"}}',
    ],
    [
      '{type: anonymous, authz: {type: none, entitiesJson: "["}}',
      'incomingAuth.authz.entitiesJson: expected JSON',
      `{type: anonymous, authz: {type: none, entitiesJson: '[{"uid": {"type": "Tool", "id": "a"}, "attrs": {}, "parents": []}]'}}`,
    ],
    [
      `{type: anonymous, authz: {type: cedar, policies: ["permit(principal == ?principal, action, resource);"]}}`,
      'incomingAuth.authz.policies[0]: policy templates (?principal, ?resource) are not supported',
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal, action in [Action::"get_prompt", Action::"read_resource"], resource);']}}`,
    ],
    [
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal, action, resource) when { action == Action::"call_tols" };']}}`,
      'incomingAuth.authz.policies[0]: there is no action "call_tols"; known are call_tool, get_prompt, read_resource, call_method',
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal, action, resource) when { action == Action::"call_tool" };']}}`,
    ],
    [
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal, action == Action::"tools/call", resource);']}}`,
      'incomingAuth.authz.policies[0]: there is no action "tools/call"; known are call_tool, get_prompt, read_resource, call_method',
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal is Client in THVGroup::"g", action, resource in MCP::"x");']}}`,
    ],
    [
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal == User::"a", action, resource);']}}`,
      'incomingAuth.authz.policies[0]: there is no entity type User; known are Client, THVGroup, Tool, Prompt, Resource, Method, MCP, Backend, Action',
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal in Team::"a", action, resource);'], groupEntityType: Team}}`,
    ],
    [
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal, action == Action::"call_tool", resource == Prompt::"p");']}}`,
      'incomingAuth.authz.policies[0]: the policy can never apply: the resource of call_tool is of type Tool, not Prompt',
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal, action in [Action::"call_tool", Action::"get_prompt"], resource == Prompt::"p");']}}`,
    ],
    [
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal in MCP::"g", action, resource);']}}`,
      'incomingAuth.authz.policies[0]: the policy can never apply: no principal is in a MCP; groups are of type THVGroup',
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal, action, resource in Folder::"a");'], entitiesJson: '[{"uid": {"type": "Tool", "id": "a"}, "attrs": {}, "parents": [{"type": "Folder", "id": "a"}]}]'}}`,
    ],
    [
      '{type: anonymous, authz: {type: cedar, policies: ["// nothing"]}}',
      'incomingAuth.authz.policies[0]: holds no Cedar policy',
      '{type: anonymous, authz: {type: cedar, policies: ["permit(principal, action, resource); forbid(principal, action, resource);"]}}',
    ],
  ])('%s', (bad, error, good) => {
    expect(faultsIn(withBlock('incomingAuth', bad), { SET: 'x' })).toContain(error)
    expect(faultsIn(withBlock('incomingAuth', good), { SET: 'x' })).toEqual([])
  })

  it('refuses policies that would overflow the engine, and reads the next one all the same', () => {
    const deep = `permit(principal, action, resource) when { ${'('.repeat(5000)}true${')'.repeat(5000)} };`
    const long = `permit(principal, action, resource) when { ${'true || '.repeat(50_000)}true };`
    const policies = JSON.stringify([deep, 'permit(principal);', long])
    const found = faultsIn(
      withBlock('incomingAuth', `{type: anonymous, authz: {type: cedar, policies: ${policies}}}`),
    )
    expect(found[0]).toBe('incomingAuth.authz.policies[0]: nested deeper than 100 levels')
    expect(found[1]).toMatch(/^incomingAuth.authz.policies\[1\]: not a Cedar policy: /)
  })

  it('warns of what makes a server hard to use or easy to misuse', () => {
    const warnings = (more: string) =>
      said('warning', withBlock('incomingAuth', `{type: oidc, oidc: {${OIDC}${more}}}`), { SET: 'x' })
    const RESOURCE = ', resource: "https://x.example/mcp"'
    expect(warnings(RESOURCE)).toEqual([])
    expect(warnings('')).toEqual([
      'incomingAuth.oidc: without resource clients cannot find out where to get a token',
    ])
    expect(warnings(', resource: "http://127.0.0.1:4483/mcp"')).toEqual([
      'incomingAuth.oidc.resource: clients elsewhere are told of a private address',
    ])
    expect(warnings(', resource: "http://x.example/mcp"')).toEqual([
      'incomingAuth.oidc.resource: tokens would be sent over plain HTTP',
    ])
    expect(warnings(`${RESOURCE}, scopes: [offline_access], clientSecretEnv: SET`)).toEqual([
      'incomingAuth.oidc.scopes[0]: a server does not need offline_access; it is for clients to ask for',
      'incomingAuth.oidc.clientSecretEnv: has no effect without clientId',
    ])
    expect(warnings(`${RESOURCE}, requiredScopes: {methods: {tool/call: [a]}}`)).toEqual([
      'incomingAuth.oidc.requiredScopes.methods["tool/call"]: "tool/call" is no method of MCP; the scopes apply to an extension that has it',
    ])
  })

  it('warns of what has no effect', () => {
    expect(said('warning', withBlock('incomingAuth', `{type: anonymous, oidc: {${OIDC}}}`))).toEqual([
      'incomingAuth.oidc: has no effect with type anonymous',
    ])
    expect(
      said('warning', withBlock('incomingAuth', '{type: local, authz: {type: none, policies: []}}')),
    ).toEqual(['incomingAuth.authz.policies: has no effect with type none'])
  })
})

describe('outgoingAuth', () => {
  const strategy = (text: string) => withBlock('outgoingAuth', `{source: inline, backends: {b: ${text}}}`)
  const TOKEN = 'tokenUrl: https://t.example'
  it.each<Case>([
    [
      '{type: header_injection}',
      'outgoingAuth.backends.b.headerInjection: required: expected a mapping',
      '{type: header_injection, headerInjection: {headerName: X, headerValueEnv: SET}}',
    ],
    [
      '{type: header_injection, headerInjection: {headerName: Host, headerValue: a}}',
      'outgoingAuth.backends.b.headerInjection.headerName: the header Host belongs to the connection and may not be set',
      '{type: header_injection, headerInjection: {headerName: Cookie, headerValue: a}}',
    ],
    [
      '{type: header_injection, headerInjection: {headerName: X, headerValueEnv: BROKEN}}',
      'outgoingAuth.backends.b.headerInjection.headerValueEnv: the environment variable BROKEN holds what no header may hold, such as a line break',
      '{type: unauthenticated}',
    ],
    [
      '{type: header_injection, headerInjection: {headerName: X, headerValue: a, headerFormat: Bearer}}',
      'outgoingAuth.backends.b.headerInjection.headerFormat: must contain {token}',
      '{type: header_injection, headerInjection: {headerName: X, headerValue: a, headerFormat: "Bearer {token}"}}',
    ],
    [
      '{type: unauthenticated, headerInjection: {headerName: X, headerValue: a}}',
      'outgoingAuth.backends.b.headerInjection: unknown key',
      '{type: pass_through}',
    ],
    [
      '{type: token_exchange, tokenExchange: {}}',
      'outgoingAuth.backends.b.tokenExchange.tokenUrl: required: expected text',
      `{type: token_exchange, tokenExchange: {${TOKEN}, audience: a, scopes: [b]}}`,
    ],
    [
      `{type: token_exchange, tokenExchange: {${TOKEN}, clientId: i, clientSecret: a, clientSecretEnv: SET}}`,
      'outgoingAuth.backends.b.tokenExchange.clientSecretEnv: backend "b" has both clientSecret and clientSecretEnv; keep one',
      `{type: token_exchange, tokenExchange: {${TOKEN}, clientId: i, clientSecretEnv: SET}}`,
    ],
    [
      '{type: upstream_inject, upstreamInject: {}}',
      'outgoingAuth.backends.b.upstreamInject.providerName: required: expected text',
      '{type: upstream_inject, upstreamInject: {providerName: p}}',
    ],
    [
      '{type: xaa, xaa: {idpTokenUrl: https://i.example, targetTokenUrl: https://t.example, targetAudience: a, subjectTokenType: saml}}',
      'outgoingAuth.backends.b.xaa.subjectTokenType: expected one of urn:ietf:params:oauth:token-type:id_token, access_token, id_token, jwt, found "saml"',
      '{type: xaa, xaa: {idpTokenUrl: https://i.example, targetTokenUrl: https://t.example, targetAudience: a, idpClientId: i, idpClientSecretEnv: SET}}',
    ],
    [
      `{type: client_credentials, clientCredentials: {${TOKEN}}}`,
      'outgoingAuth.backends.b.clientCredentials.clientId: required: expected text',
      `{type: client_credentials, clientCredentials: {${TOKEN}, clientId: a, clientSecretEnv: SET}}`,
    ],
    [
      '{type: error}',
      expect.stringContaining('outgoingAuth.backends.b.type: expected one of') as never,
      '{type: unauthenticated}',
    ],
  ])('%s', (bad, error, good) => {
    const env = { SET: 'x', BROKEN: 'a\r\nb' }
    expect(faultsIn(strategy(bad), env)).toEqual(expect.arrayContaining([error]))
    expect(faultsIn(strategy(good), env)).toEqual([])
  })

  it('names the default strategy too', () => {
    const text = withBlock(
      'outgoingAuth',
      '{source: inline, default: {type: header_injection, headerInjection: {headerName: X}}}',
    )
    expect(faultsIn(text)).toEqual([
      'outgoingAuth.default.headerInjection: the default strategy needs headerValue or headerValueEnv',
    ])
  })

  it('refuses a strategy for a program, which has no headers', () => {
    const program = 'backends: [{name: b, transport: stdio, command: c}]\n'
    const injected = '{type: header_injection, headerInjection: {headerName: X, headerValue: a}}'
    expect(
      faultsIn(withBlock('outgoingAuth', `{source: inline, backends: {b: ${injected}}}`, program)),
    ).toEqual(['outgoingAuth.backends.b.type: backend "b" has transport stdio, which has no headers'])
    expect(faultsIn(withBlock('outgoingAuth', `{source: inline, default: ${injected}}`, program))).toEqual([])
  })

  it('never shows a secret', () => {
    const secret = 'hunter2-hunter2'
    const text = strategy(
      `{type: header_injection, headerInjection: {headerName: X, headerValue: "${secret}\\n", headerFormat: ${secret}}}`,
    )
    expect(said('error', text).join()).not.toContain(secret)
  })
})
