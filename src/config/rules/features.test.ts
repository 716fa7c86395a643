import { describe, expect, it } from 'vitest'
import { AUDIT_EVENTS } from '../../core/audit.ts'
import { faultsOf, MINIMAL, said, warningsOf } from '../testing.ts'

/** What is added to a good file, the error that must come of it, and the same mended. */
type Case = readonly [bad: string, error: string, good: string]

function check(cases: readonly Case[]): void {
  it.each(cases)('%s', (bad, error, good) => {
    expect(faultsOf(bad)).toContain(error)
    expect(faultsOf(good)).toEqual([])
  })
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

it('a resource of Kubernetes is told from a configuration', () => {
  expect(said('error', 'apiVersion: x/v1\nkind: VirtualMCPServer\nspec: {}\n')).toContain(
    'apiVersion: this is a resource of Kubernetes',
  )
})

it('an empty file is said to be empty', () => {
  for (const text of ['', '# nothing\n', '---\n', 'null'])
    expect(said('error', text)).toEqual(['the file is empty'])
})

it('references to composite tools of Kubernetes are passed over, and that is said', () => {
  expect(warningsOf('compositeToolRefs: [{name: a}]\n')).toEqual([
    'compositeToolRefs: refers to Kubernetes resources, and is passed over here',
  ])
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
      handling('healthCheckInterval: 5s, healthCheckTimeout: 5s'),
      'operational.failureHandling.healthCheckTimeout: healthCheckTimeout (5s) must be less than healthCheckInterval (5s)',
      handling('healthCheckInterval: 5s'),
    ],
    [
      handling('retry: {initialDelay: 3s}'),
      'operational.failureHandling.retry.maxDelay: must be at least initialDelay (3s)',
      handling('retry: {initialDelay: 3s, maxDelay: 4s}'),
    ],
    [
      handling('retry: {maxAttempts: 1}'),
      'operational.failureHandling.retry.maxAttempts: must be at least 2',
      handling('retry: {}, bulkhead: {maxConcurrent: 1, maxQueued: 0}'),
    ],
    [
      'operational: {timeouts: {default: 1m, extendOnProgress: 1m}}\n',
      'operational.timeouts.extendOnProgress: must be more than the time that calls have anyway (default: 1m)',
      'operational: {timeouts: {default: 1m, extendOnProgress: 10m}}\n',
    ],
    [
      'operational: {timeouts: {perWorkload: {a: 20m}, extendOnProgress: 10m}}\n',
      'operational.timeouts.extendOnProgress: must be more than the time that calls have anyway (a: 20m)',
      'operational: {timeouts: {perWorkload: {a: 20m}, extendOnProgress: 30m}}\n',
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
      'optimizer: {embeddingProvider: local}\n',
      'optimizer: embeddingProvider local needs embeddingModel: the folder of the model',
      'optimizer: {embeddingProvider: local, embeddingModel: /models/small}\n',
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
      'audit: {trustedProxies: [10.0.0.0/33]}\n',
      'audit.trustedProxies[0]: "10.0.0.0/33" is no IP address and no CIDR range such as 10.0.0.0/8',
      'audit: {trustedProxies: [10.0.0.0/8, "::1", 192.0.2.7]}\n',
    ],
    [
      'audit: {includeRequestData: true, redact: [card]}\n',
      'audit.redact[0]: "card" is no JSON pointer such as /arguments/card (RFC 6901)',
      'audit: {includeRequestData: true, redact: [/arguments/card, /a~1b/0]}\n',
    ],
    [
      'audit: {onFull: wait}\n',
      'audit.onFull: expected one of drop, block, found "wait"',
      'audit: {onFull: block}\n',
    ],
    [
      'rateLimiting: {redis: {address: "redis://x"}}\n',
      'rateLimiting.redis.address: expected host:port, or rediss://host:port for TLS',
      'rateLimiting: {failOpen: false, redis: {address: "[::1]:6379", db: 1, keyPrefix: "a:"}}\n',
    ],
    [
      'telemetry: {samplingRate: "2"}\n',
      'telemetry.samplingRate: expected a number from 0 to 1',
      'telemetry: {samplingRate: 0.5, customAttributes: {some_key: x}}\n',
    ],
    [
      'telemetry: {prometheusPort: 65536}\n',
      'telemetry.prometheusPort: must be at most 65535',
      'telemetry: {prometheusPort: 9464}\n',
    ],
  ])

  it('warn of limits for each caller where no caller has a name, and of what is left out of no payload', () => {
    const limits = '{maxTokens: 1, refillPeriod: 1s}'
    const perUser = `{perUser: ${limits}, tools: [{name: a, perUser: ${limits}}]}`
    expect(warningsOf(`rateLimiting: ${perUser}\n`)).toEqual([
      'rateLimiting.perUser: has no effect with incomingAuth.type anonymous: no caller has a name',
      'rateLimiting.tools[0].perUser: has no effect with incomingAuth.type anonymous: no caller has a name',
    ])
    expect(warningsOf('audit: {enabled: false}\n')).toEqual([
      'audit.enabled: has no effect: the block turns the audit log on; leave it out instead',
    ])
    expect(warningsOf('audit: {redact: [/arguments]}\n')).toEqual([
      'audit.redact: has no effect unless includeRequestData or includeResponseData is true',
    ])
  })

  it('warn of settings of an embedding service that is not there, or has no key', () => {
    expect(warningsOf('optimizer: {embeddingProvider: tei, embeddingCache: /x}\n')).toEqual([
      'optimizer.embeddingProvider: has no effect without embeddingService',
      'optimizer.embeddingCache: has no effect without embeddingService',
    ])
    const openai = 'embeddingProvider: openai, embeddingModel: m, embeddingService: "https://api.example"'
    expect(warningsOf(`optimizer: {${openai}}\n`)).toEqual([
      'optimizer.embeddingProvider: OPENAI_API_KEY is not set: requests are sent without a key',
    ])
  })

  it('warn of Redis settings that nobody reads', () => {
    expect(warningsOf('sessionStorage: {address: "x:1", keyPrefix: a}\n')).toEqual([
      'sessionStorage.address: has no effect unless provider is redis',
      'sessionStorage.keyPrefix: has no effect unless provider is redis',
    ])
  })
})
