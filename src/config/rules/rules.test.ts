import { describe, expect, it } from 'vitest'
import { errorsOf, faultsOf, MINIMAL, said, warningsOf } from '../testing/samples.ts'
import { AUDIT_EVENTS } from './features.ts'

/** What is added to a good file, the error that must come of it, and the same mended. */
type Case = readonly [bad: string, error: string, good: string]

function check(cases: readonly Case[]): void {
  it.each(cases)('%s', (bad, error, good) => {
    expect(faultsOf(bad)).toContain(error)
    expect(faultsOf(good)).toEqual([])
  })
}

const http = (rest: string) => `backends: [{name: a, transport: sse, url: https://x.example, ${rest}}]\n`

describe('backends', () => {
  check([
    [
      'backends: [{name: a, transport: stdio, command: c}, {name: a, transport: stdio, command: d}]\n',
      'backends[1].name: the backend name "a" is already taken by backends[0].name',
      'backends: [{name: a, transport: stdio, command: c}, {name: b, transport: stdio, command: d}]\n',
    ],
    ['backends: [{name: a, transport: sse}]\n', 'backends[0].url: required: expected text', http('')],
    [
      'backends: [{name: a, transport: sse, url: "file:///x"}]\n',
      'backends[0].url: expected an http:// or https:// URL',
      http('metadata: {a: b}'),
    ],
    [
      http('caBundlePath: /x.pem'),
      'backends[0].caBundlePath: only backends of type entry have one',
      http('type: entry, caBundlePath: /x.pem'),
    ],
    [
      http('type: entry, caBundlePath: x.pem'),
      'backends[0].caBundlePath: expected an absolute path',
      http('type: entry, caBundlePath: /etc/x.pem'),
    ],
    [
      http('type: entry, caBundlePath: /a/../x.pem'),
      'backends[0].caBundlePath: the path may not contain ..',
      http('type: entry, caBundlePath: /a..b/x.pem'),
    ],
    [
      http('type: entry, caBundlePath: "/a\\0"'),
      'backends[0].caBundlePath: the path may not contain NUL',
      http('type: ""'),
    ],
    [http('type: other'), 'backends[0].type: expected one of "", entry, found "other"', http('type: entry')],
    [
      http('era: old'),
      'backends[0].era: expected one of auto, legacy, modern, found "old"',
      http('era: legacy'),
    ],
    [
      http('connection: own'),
      'backends[0].connection: expected one of session, shared, found "own"',
      http('connection: shared'),
    ],
    [
      http('headers: {Host: x}'),
      'backends[0].headers.Host: the header Host belongs to the connection and may not be set',
      http('headers: {Authorization: x}'),
    ],
    [
      http('headers: {"a b": x}'),
      'backends[0].headers["a b"]: not a possible name: expected the name of an HTTP header',
      http('headers: {a-b: x}'),
    ],
    [
      http('headers: {a: "x\\r\\nb: y"}'),
      'backends[0].headers.a: a header value may not hold line breaks or control characters',
      http('headers: {a: "x y"}'),
    ],
    [
      http('headers: {a: x, A: y}'),
      'backends[0].headers.A: A is given twice in different case',
      http('headers: {a: x, b: y}'),
    ],
    [
      `${http('headers: {X-Key: x}')}passthroughHeaders: [x-key]\n`,
      'backends[0].headers.X-Key: X-Key is also in passthroughHeaders; keep one of them',
      `${http('headers: {X-Key: x}')}passthroughHeaders: [x-other]\n`,
    ],
    [
      'backends: [{name: a, transport: stdio}]\n',
      'backends[0].command: required: expected text',
      'backends: [{name: a, transport: stdio, command: c, args: [""], env: {A: ""}, cwd: /x}]\n',
    ],
    [
      'backends: [{name: "a\\nb", transport: stdio, command: c}]\n',
      'backends[0].name: may not hold control characters',
      'backends: [{name: "a b", transport: stdio, command: c}]\n',
    ],
  ])
})

describe('passthroughHeaders', () => {
  it.each([
    ...[
      'Host',
      'Connection',
      'Keep-Alive',
      'Te',
      'Trailer',
      'Upgrade',
      'Http2-Settings',
      'Transfer-Encoding',
    ],
    ...['Content-Length', 'Proxy-Authorization', 'Proxy-Authenticate', 'Proxy-Connection', 'Forwarded'],
    ...['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Real-Ip', 'Authorization', 'cookie'],
  ])('refuses %s', (name) => {
    expect(errorsOf(`passthroughHeaders: [${name}]\n`)).toEqual([
      `passthroughHeaders[0]: the header ${name} may not be passed through`,
    ])
  })

  it('refuses what is no header name and takes what is one', () => {
    expect(errorsOf('passthroughHeaders: ["", "a b"]\n')).toEqual([
      'passthroughHeaders[0]: a header name may not be empty',
      'passthroughHeaders[1]: expected the name of an HTTP header',
    ])
    expect(errorsOf('passthroughHeaders: [X-Api-Key]\n')).toEqual([])
  })

  it('warns of names that each connection sets itself, and of repetition', () => {
    expect(warningsOf('passthroughHeaders: [Mcp-Session-Id, x-a, X-A]\n')).toEqual([
      'passthroughHeaders[0]: Mcp-Session-Id is never passed through: each connection sets its own',
      'passthroughHeaders[2]: X-A is listed twice',
    ])
  })
})

/** `MINIMAL` with one of its blocks replaced. */
function withBlock(key: 'incomingAuth' | 'outgoingAuth' | 'aggregation', block: string, more = ''): string {
  const blocks: Record<string, string> = {
    incomingAuth: '{type: anonymous}',
    outgoingAuth: '{source: inline}',
    aggregation: '{conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: x}}',
    [key]: block,
  }
  const lines = Object.entries(blocks).map(([name, value]) => `${name}: ${value}\n`)
  return `name: demo\ngroupRef: dev\n${lines.join('')}${more}`
}

function errorsIn(text: string, env: Record<string, string> = {}): string[] {
  return said('error', text, env).filter(
    (error) => !error.endsWith('is not supported by this version of vmcp'),
  )
}

describe('the top level', () => {
  it.each(['name', 'groupRef', 'incomingAuth', 'outgoingAuth', 'aggregation'])('needs %s', (key) => {
    const without = MINIMAL.replace(new RegExp(`^${key}:.*\\n(  .*\\n)*`, 'm'), '')
    expect(said('error', without)).toEqual([expect.stringMatching(`^${key}: required`)])
  })

  it('takes an emptied block as absent', () => {
    expect(
      said('error', `${MINIMAL}backends:\ncodeMode:\nmetadata: {a: b}\noperational: {timeouts: }\n`),
    ).toEqual([])
    expect(said('error', MINIMAL.replace('name: demo', 'name:'))).toEqual(['name: required: expected text'])
  })
})

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
      '{type: anonymous, authz: {type: cedar}}',
      'incomingAuth.authz: type cedar needs policies',
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
      'incomingAuth.authz.policies[0]: there is no action "call_tols"; known are call_tool, get_prompt, read_resource',
      `{type: anonymous, authz: {type: cedar, policies: ['permit(principal, action, resource) when { action == Action::"call_tool" };']}}`,
    ],
    [
      '{type: anonymous, authz: {type: cedar, policies: ["// nothing"]}}',
      'incomingAuth.authz.policies[0]: holds no Cedar policy',
      '{type: anonymous, authz: {type: cedar, policies: ["permit(principal, action, resource); forbid(principal, action, resource);"]}}',
    ],
  ])('%s', (bad, error, good) => {
    expect(errorsIn(withBlock('incomingAuth', bad), { SET: 'x' })).toContain(error)
    expect(errorsIn(withBlock('incomingAuth', good), { SET: 'x' })).toEqual([])
  })

  it('warns of what has no effect and of an issuer in the clear', () => {
    expect(said('warning', withBlock('incomingAuth', `{type: anonymous, oidc: {${OIDC}}}`))).toEqual([
      'incomingAuth.oidc: has no effect with type anonymous',
    ])
    expect(
      said('warning', withBlock('incomingAuth', '{type: local, authz: {type: none, policies: []}}')),
    ).toEqual(['incomingAuth.authz.policies: has no effect with type none'])
    const plain = '{type: oidc, oidc: {issuer: http://i.example, audience: a}}'
    expect(said('warning', withBlock('incomingAuth', plain))).toEqual([
      'incomingAuth.oidc.issuer: the issuer speaks plain HTTP',
    ])
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
      `{type: token_exchange, tokenExchange: {${TOKEN}, clientSecret: a, clientSecretEnv: SET}}`,
      'outgoingAuth.backends.b.tokenExchange.clientSecretEnv: backend "b" has both clientSecret and clientSecretEnv; keep one',
      `{type: token_exchange, tokenExchange: {${TOKEN}, clientSecretEnv: SET}}`,
    ],
    [
      '{type: upstream_inject, upstreamInject: {}}',
      'outgoingAuth.backends.b.upstreamInject.providerName: required: expected text',
      '{type: upstream_inject, upstreamInject: {providerName: p}}',
    ],
    [
      '{type: aws_sts, awsSts: {region: r, sessionDuration: 899}}',
      'outgoingAuth.backends.b.awsSts.sessionDuration: must be at least 900',
      '{type: aws_sts, awsSts: {region: r, sessionDuration: 43200}}',
    ],
    [
      '{type: aws_sts, awsSts: {region: r, roleMappings: [{roleArn: a}]}}',
      'outgoingAuth.backends.b.awsSts.roleMappings[0]: a role mapping of backend "b" needs either claim or matcher',
      '{type: aws_sts, awsSts: {region: r, roleMappings: [{roleArn: a, claim: x}]}}',
    ],
    [
      '{type: xaa, xaa: {idpTokenUrl: https://i.example, targetTokenUrl: https://t.example, targetAudience: a, subjectTokenType: jwt}}',
      'outgoingAuth.backends.b.xaa.subjectTokenType: expected urn:ietf:params:oauth:token-type:id_token, found "jwt"',
      '{type: xaa, xaa: {idpTokenUrl: https://i.example, targetTokenUrl: https://t.example, targetAudience: a, idpClientSecretEnv: SET}}',
    ],
    [
      `{type: client_credentials, clientCredentials: {${TOKEN}}}`,
      'outgoingAuth.backends.b.clientCredentials.clientId: required: expected text',
      `{type: client_credentials, clientCredentials: {${TOKEN}, clientId: a}}`,
    ],
    [
      '{type: error}',
      expect.stringContaining('outgoingAuth.backends.b.type: expected one of') as never,
      '{type: unauthenticated}',
    ],
  ])('%s', (bad, error, good) => {
    const env = { SET: 'x', BROKEN: 'a\r\nb' }
    expect(errorsIn(strategy(bad), env)).toEqual(expect.arrayContaining([error]))
    expect(errorsIn(strategy(good), env)).toEqual([])
  })

  it('names the default strategy too', () => {
    const text = withBlock(
      'outgoingAuth',
      '{source: inline, default: {type: header_injection, headerInjection: {headerName: X}}}',
    )
    expect(errorsIn(text)).toEqual([
      'outgoingAuth.default.headerInjection: the default strategy needs headerValue or headerValueEnv',
    ])
  })

  it('refuses a strategy for a program, which has no headers', () => {
    const program = 'backends: [{name: b, transport: stdio, command: c}]\n'
    const injected = '{type: header_injection, headerInjection: {headerName: X, headerValue: a}}'
    expect(
      errorsIn(withBlock('outgoingAuth', `{source: inline, backends: {b: ${injected}}}`, program)),
    ).toEqual(['outgoingAuth.backends.b.type: backend "b" has transport stdio, which has no headers'])
    expect(errorsIn(withBlock('outgoingAuth', `{source: inline, default: ${injected}}`, program))).toEqual([])
  })

  it('never shows a secret', () => {
    const secret = 'hunter2-hunter2'
    const text = strategy(
      `{type: header_injection, headerInjection: {headerName: X, headerValue: "${secret}\\n", headerFormat: ${secret}}}`,
    )
    expect(said('error', text).join()).not.toContain(secret)
  })
})

describe('aggregation', () => {
  const PREFIX = 'conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: x}'
  it.each<Case>([
    [
      '{conflictResolution: prefix, conflictResolutionConfig: {}}',
      'aggregation.conflictResolutionConfig: conflictResolution prefix needs prefixFormat',
      `{${PREFIX}}`,
    ],
    [
      '{conflictResolution: prefix}',
      'aggregation.conflictResolutionConfig: required: expected a mapping',
      '{conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: "{workload}."}}',
    ],
    [
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: []}}',
      'aggregation.conflictResolutionConfig: conflictResolution priority needs priorityOrder',
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a]}}',
    ],
    [
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a, a]}}',
      'aggregation.conflictResolutionConfig.priorityOrder[1]: "a" is listed twice',
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a, b]}}',
    ],
    [
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a, b]}, defaultToolVisibility: deny, tools: [{workload: a}]}',
      'aggregation.conflictResolutionConfig.priorityOrder[1]: "b" needs an entry under aggregation.tools',
      '{conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [a, b]}, defaultToolVisibility: deny, tools: [{workload: a}, {workload: b}]}',
    ],
    [
      '{conflictResolution: manual, conflictResolutionConfig: {}}',
      'aggregation.tools: conflictResolution manual needs at least one entry under tools',
      '{conflictResolution: manual, conflictResolutionConfig: {}, tools: [{workload: a}]}',
    ],
    [
      `{${PREFIX}, tools: [{workload: a}, {workload: a}]}`,
      'aggregation.tools[1].workload: the workload "a" already has an entry at aggregation.tools[0].workload',
      `{${PREFIX}, tools: [{workload: a, filter: [x], excludeAll: true}, {workload: b, filter: []}]}`,
    ],
    [
      `{${PREFIX}, tools: [{filter: [x]}]}`,
      'aggregation.tools[0].workload: required: expected text',
      `{${PREFIX}, excludeAllTools: true, defaultToolVisibility: ""}`,
    ],
    [
      `{${PREFIX}, tools: [{workload: a, overrides: {t: {}}}]}`,
      'aggregation.tools[0].overrides.t: the override of t changes nothing',
      `{${PREFIX}, tools: [{workload: a, overrides: {t: {annotations: {readOnlyHint: true}}, u: {title: T}}}]}`,
    ],
    [
      `{${PREFIX}, tools: [{workload: a, overrides: {t: {name: n}, u: {name: n}}}]}`,
      'aggregation.tools[0].overrides.u.name: the new name "n" is already given at aggregation.tools[0].overrides.t.name',
      `{${PREFIX}, tools: [{workload: a, overrides: {t: {name: n}}}, {workload: b, overrides: {t: {name: n}}}]}`,
    ],
    [
      `{${PREFIX}, defaultToolVisibility: none}`,
      'aggregation.defaultToolVisibility: expected one of "", allow, deny, found "none"',
      `{${PREFIX}, defaultToolVisibility: deny}`,
    ],
  ])('%s', (bad, error, good) => {
    expect(errorsIn(withBlock('aggregation', bad))).toContain(error)
    expect(errorsIn(withBlock('aggregation', good))).toEqual([])
  })
})

describe('operational', () => {
  const handling = (text: string) => `operational: {failureHandling: {${text}}}\n`
  check([
    [
      handling('healthCheckTimeout: 40s, healthCheckInterval: 30s'),
      'operational.failureHandling.healthCheckTimeout: healthCheckTimeout (40s) must be less than healthCheckInterval (30s)',
      handling('healthCheckTimeout: 40s, healthCheckInterval: 1m'),
    ],
    [
      handling('healthCheckTimeout: 30s'),
      'operational.failureHandling.healthCheckTimeout: healthCheckTimeout (30s) must be less than healthCheckInterval (30s)',
      handling('healthCheckTimeout: 0s'),
    ],
    [
      handling('healthCheckInterval: 5s'),
      'operational.failureHandling.healthCheckTimeout: healthCheckTimeout (10s) must be less than healthCheckInterval (5s)',
      handling('healthCheckInterval: 5s, healthCheckTimeout: 4s'),
    ],
    [
      handling('healthCheckInterval: 0s'),
      'operational.failureHandling.healthCheckInterval: invalid duration: must be more than 0',
      handling('statusReportingInterval: 1m'),
    ],
    [
      handling('unhealthyThreshold: 0'),
      'operational.failureHandling.unhealthyThreshold: must be at least 1',
      handling('unhealthyThreshold: 1'),
    ],
    [
      handling('partialFailureMode: bestEffort'),
      'operational.failureHandling.partialFailureMode: expected one of fail, best_effort, found "bestEffort"',
      handling('partialFailureMode: best_effort'),
    ],
    [
      handling('circuitBreaker: {enabled: true, failureThreshold: 0}'),
      'operational.failureHandling.circuitBreaker.failureThreshold: must be at least 1 when the breaker is enabled',
      handling('circuitBreaker: {enabled: false, failureThreshold: 0, timeout: 1ms}'),
    ],
    [
      handling('circuitBreaker: {enabled: true, timeout: 999ms}'),
      'operational.failureHandling.circuitBreaker.timeout: must be at least 1s when the breaker is enabled',
      handling('circuitBreaker: {enabled: true, timeout: 1s}'),
    ],
    [
      'operational: {timeouts: {perWorkload: {a: 0s}}}\n',
      'operational.timeouts.perWorkload.a: invalid duration: must be more than 0',
      'operational: {timeouts: {default: 1h, perWorkload: {a: 1.5s}}}\n',
    ],
  ])
})

describe('the further features', () => {
  check([
    [
      'optimizer: {embeddingProvider: openai}\n',
      'optimizer: embeddingProvider openai needs embeddingModel',
      'optimizer: {embeddingProvider: openai, embeddingModel: m, embeddingHeaders: {X-A: b}}\n',
    ],
    [
      'optimizer: {maxToolsToReturn: 51}\n',
      'optimizer.maxToolsToReturn: must be at most 50',
      'optimizer: {maxToolsToReturn: 50}\n',
    ],
    [
      'optimizer: {hybridSearchSemanticRatio: "1.1"}\n',
      'optimizer.hybridSearchSemanticRatio: expected a number from 0 to 1',
      'optimizer: {hybridSearchSemanticRatio: "0.3", semanticDistanceThreshold: 2}\n',
    ],
    [
      'optimizer: {semanticDistanceThreshold: ""}\n',
      'optimizer.semanticDistanceThreshold: expected a number from 0 to 2',
      'optimizer: {}\n',
    ],
    [
      'optimizer: {embeddingHeaders: {X-A: b}}\n',
      'optimizer.embeddingHeaders: only embeddingProvider openai has further headers',
      'optimizer: {embeddingHeaders: {}}\n',
    ],
    [
      'optimizer: {embeddingProvider: openai, embeddingModel: m, embeddingHeaders: {authorization: b}}\n',
      'optimizer.embeddingHeaders.authorization: the header authorization is set by vmcp itself',
      'optimizer: {embeddingService: http://localhost:80, embeddingServiceTimeout: 1s}\n',
    ],
    [
      `optimizer: {embeddingProvider: openai, embeddingModel: m, embeddingHeaders: {${Array.from({ length: 33 }, (_, i) => `h${i}: x`).join(', ')}}}\n`,
      'optimizer.embeddingHeaders: must be at most 32 headers',
      'codeMode: {enabled: true}\n',
    ],
    ['codeMode: {stepLimit: 0}\n', 'codeMode.stepLimit: must be at least 1', 'codeMode: {stepLimit: 1}\n'],
    [
      'sessionStorage: {provider: redis}\n',
      'sessionStorage: provider redis needs address',
      'sessionStorage: {provider: redis, address: "localhost:6379", db: 0, keyPrefix: a}\n',
    ],
    [
      'sessionStorage: {maxSessions: 0}\n',
      'sessionStorage.maxSessions: must be at least 1',
      'sessionStorage: {provider: memory, maxSessions: 5}\n',
    ],
    [
      'rateLimiting: {shared: {maxTokens: 0, refillPeriod: 1m}}\n',
      'rateLimiting.shared.maxTokens: must be at least 1',
      'rateLimiting: {shared: {maxTokens: 1, refillPeriod: 1m}}\n',
    ],
    [
      'rateLimiting: {perUser: {maxTokens: 1, refillPeriod: 0s}}\n',
      'rateLimiting.perUser.refillPeriod: invalid duration: must be more than 0',
      'rateLimiting: {perUser: {maxTokens: 1, refillPeriod: 1s}}\n',
    ],
    [
      'rateLimiting: {tools: [{name: a}]}\n',
      'rateLimiting.tools[0]: needs shared or perUser',
      'rateLimiting: {tools: [{name: a, perUser: {maxTokens: 1, refillPeriod: 1s}}]}\n',
    ],
    [
      'tokenCache: {provider: redis, config: {}}\n',
      'tokenCache: provider redis needs config.address',
      'tokenCache: {provider: redis, config: {address: "localhost:6379", ttlOffset: 0s}}\n',
    ],
    [
      'tokenCache: {config: {maxEntries: 0}}\n',
      'tokenCache.config.maxEntries: must be at least 1',
      'tokenCache: {provider: memory, config: {maxEntries: 1, ttlOffset: 5m}}\n',
    ],
    [
      'tokenCache: {provider: custom}\n',
      'tokenCache.provider: expected one of memory, redis, found "custom"',
      'tokenCache: {}\n',
    ],
    [
      'compositeToolRefs: [{name: a}, {name: a}]\n',
      'compositeToolRefs[1].name: "a" is already referred to at compositeToolRefs[0].name',
      'compositeToolRefs: [{name: a}, {name: b}]\n',
    ],
    [
      'audit: {excludeEventTypes: [mcp_tool_cal]}\n',
      'audit.excludeEventTypes[0]: there is no audit event "mcp_tool_cal"',
      `audit: {eventTypes: [${AUDIT_EVENTS.join(', ')}]}\n`,
    ],
    [
      'telemetry: {samplingRate: "2"}\n',
      'telemetry.samplingRate: expected a number from 0 to 1',
      'telemetry: {samplingRate: 0.5, customAttributes: {some_key: x}}\n',
    ],
    [
      'telemetry: {prometheusPort: 0}\n',
      'telemetry.prometheusPort: must be at least 1',
      'telemetry: {prometheusPort: 9464}\n',
    ],
  ])

  it('warn of Redis settings that nobody reads', () => {
    expect(warningsOf('sessionStorage: {address: "x:1", keyPrefix: a}\n')).toEqual([
      'sessionStorage.address: has no effect unless provider is redis',
      'sessionStorage.keyPrefix: has no effect unless provider is redis',
    ])
  })
})
