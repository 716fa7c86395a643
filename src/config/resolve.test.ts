import { describe, expect, it } from 'vitest'
import type { BackendConfig } from '../core/config.ts'
import { DEFAULT_RESILIENCE, DEFAULT_SESSIONS } from '../core/config.ts'
import { DEFAULT_OPTIMIZER } from '../core/optimizer.ts'
import { applyDefaults } from './backend-defaults.ts'
import { MINIMAL, parse } from './testing.ts'
import { UNBUILT } from './unbuilt.ts'

function load(text: string, env: Record<string, string> = {}) {
  const result = parse(text, env)
  if (!result.ok) expect.fail(JSON.stringify(result.diagnostics))
  return result
}

const aggregation = (text: string) =>
  load(MINIMAL.replace(/aggregation:.*/s, `aggregation: {${text}}\n`)).config.aggregation

describe('a good file', () => {
  it('of the shortest kind has every default', () => {
    expect(load(MINIMAL).config).toEqual({
      name: 'demo',
      group: 'dev',
      backends: [],
      aggregation: {
        strategy: { type: 'prefix', format: '{workload}_' },
        excludeAllTools: false,
        defaultVisibility: 'allow',
        workloads: {},
      },
      passthroughHeaders: [],
      sessions: DEFAULT_SESSIONS,
      compositeTools: [],
      incomingAuth: { type: 'anonymous' },
    })
  })

  it('says who may come in, in either spelling of its keys', () => {
    const oidc = (text: string) =>
      load(
        MINIMAL.replace(
          'type: anonymous',
          `{type: oidc, oidc: {issuer: https://i.example, audience: a, ${text}}}`,
        ),
        {
          SECRET: 's',
        },
      ).config.incomingAuth
    const old = oidc(
      'client_id: c, client_secret_env: SECRET, introspection_url: https://i.example/i, introspection_cache_ttl: 1m, ' +
        'clock_skew: 5s, scopes: [m], required_scopes: {tools: {t_x: [w]}}, scope_hierarchy: {w: [m]}',
    )
    const now = oidc(
      'clientId: c, clientSecretEnv: SECRET, introspectionUrl: https://i.example/i, introspectionCacheTtl: 1m, ' +
        'clockSkew: 5s, scopes: [m], requiredScopes: {tools: {t_x: [w]}}, scopeHierarchy: {w: [m]}',
    )
    expect(now).toMatchObject({
      type: 'oidc',
      introspection: { url: 'https://i.example/i', clientId: 'c', clientSecret: 's', cacheMs: 60_000 },
      clockSkewMs: 5_000,
      scopes: { always: ['m'], methods: {}, tools: { t_x: ['w'] }, implies: { w: ['m'] } },
      allowPrivateIp: false,
      allowHttp: false,
    })
    expect(old).toEqual(now)
  })

  it('gives the optimizer, its service and the key that the environment has', () => {
    expect(load(`${MINIMAL}optimizer: {}\n`).config.optimizer).toMatchObject({
      ...DEFAULT_OPTIMIZER,
      embedding: undefined,
    })
    const text = `${MINIMAL}optimizer:
  embeddingService: https://api.example/v1
  embeddingProvider: openai
  embeddingModel: m
  embeddingServiceTimeout: 5s
  embeddingCache: /var/vectors
  hybridSearchSemanticRatio: "0.3"
`
    expect(load(text, { OPENAI_API_KEY: 'sk' }).config.optimizer).toMatchObject({
      semanticRatio: 0.3,
      embedding: {
        provider: 'openai',
        url: 'https://api.example/v1',
        model: 'm',
        apiKey: 'sk',
        timeoutMs: 5_000,
        cacheFolder: '/var/vectors',
      },
    })
  })

  it('gives backends of every transport, with their defaults', () => {
    const { config } = load(`${MINIMAL}backends:
  - {name: program, transport: stdio, command: run}
  - {name: all, transport: stdio, command: run, args: [-x, "1"], env: {A: b}, cwd: /tmp, era: legacy, connection: shared, metadata: {k: v}}
  - {name: web, transport: streamable-http, url: "https://x.example/mcp", headers: {X-A: b}, era: modern}
  - {name: old, transport: sse, url: "http://127.0.0.1:1/sse#c", type: entry, caBundlePath: /ca.pem}
`)
    const common = {
      era: 'auto',
      connection: 'session',
      timeoutMs: 30_000,
      auth: { type: 'unauthenticated' },
      metadata: { group: 'dev' },
      resilience: DEFAULT_RESILIENCE,
    }
    expect(config.backends).toEqual([
      { ...common, name: 'program', transport: 'stdio', command: 'run', args: [], env: {}, cwd: undefined },
      {
        ...common,
        name: 'all',
        transport: 'stdio',
        command: 'run',
        args: ['-x', '1'],
        env: { A: 'b' },
        cwd: '/tmp',
        era: 'legacy',
        connection: 'shared',
        metadata: { k: 'v', group: 'dev' },
      },
      {
        ...common,
        name: 'web',
        transport: 'streamable-http',
        url: 'https://x.example/mcp',
        headers: { 'X-A': 'b' },
        caBundlePath: undefined,
        era: 'modern',
      },
      {
        ...common,
        name: 'old',
        transport: 'sse',
        url: 'http://127.0.0.1:1/sse#c',
        headers: {},
        caBundlePath: '/ca.pem',
      },
    ])
  })

  it('says what is done about failures, and what one backend wants else', () => {
    const { config } = load(`${MINIMAL}backends:
  - {name: a, transport: streamable-http, url: "https://x.example/mcp", replicas: ["https://y.example/mcp"]}
  - {name: b, transport: stdio, command: run, health: {interval: 4s}, bulkhead: {maxConcurrent: 1, maxQueued: 0}}
  - {name: c, transport: stdio, command: run, health: {enabled: false}}
operational:
  timeouts: {extendOnProgress: 5m}
  failureHandling:
    healthCheckInterval: 1m
    unhealthyThreshold: 2
    statusReportingInterval: 10s
    partialFailureMode: fail
    circuitBreaker: {enabled: true, failureThreshold: 4, timeout: 9s}
    retry: {maxAttempts: 2, budgetPercent: 5}
`)
    const all = {
      health: { intervalMs: 60_000, timeoutMs: 10_000, threshold: 2 },
      breaker: { threshold: 4, openMs: 9_000 },
      retry: { attempts: 2, delayMs: 100, maxDelayMs: 2_000, budget: 0.05 },
      bulkhead: { concurrent: 1_000, queued: 10_000 },
      extendMs: 300_000,
    }
    expect(config.backends[0]).toMatchObject({ replicas: ['https://y.example/mcp'] })
    expect(config.backends.map(({ resilience }) => resilience)).toEqual([
      all,
      {
        ...all,
        health: { intervalMs: 4_000, timeoutMs: 2_000, threshold: 2 },
        bulkhead: { concurrent: 1, queued: 0 },
      },
      { ...all, health: undefined },
    ])
    expect(config).toMatchObject({ partialFailure: 'fail', healthReportMs: 10_000 })
  })

  it('leaves a breaker off that is not enabled, and serves what is there, unless it says else', () => {
    const { config } = load(`${MINIMAL}backends: [{name: a, transport: stdio, command: run}]
operational: {failureHandling: {circuitBreaker: {failureThreshold: 4}}}
`)
    expect(config.partialFailure).toBe('best_effort')
    expect(config.backends[0]?.resilience).toEqual(DEFAULT_RESILIENCE)
  })

  it('says how names are told apart', () => {
    expect(
      aggregation('conflictResolution: priority, conflictResolutionConfig: {priorityOrder: [b, a]}').strategy,
    ).toEqual({ type: 'priority', order: ['b', 'a'] })
    const manual = 'conflictResolution: manual, tools: [{workload: a}], conflictResolutionConfig'
    expect(aggregation(`${manual}: {}`).strategy).toEqual({ type: 'manual', format: '{workload}_' })
    expect(aggregation(`${manual}: {prefixFormat: "{workload}."}`).strategy).toEqual({
      type: 'manual',
      format: '{workload}.',
    })
  })

  it('says what stays visible, and an empty filter is none', () => {
    const policy =
      aggregation(`conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: x}, excludeAllTools: true, defaultToolVisibility: deny, tools: [
      {workload: a, filter: []}, {workload: constructor, filter: [t], excludeAll: true, overrides: {toString: {title: T}, t: {name: n, description: d, annotations: {readOnlyHint: true}}}}]`)
    expect(policy).toMatchObject({ excludeAllTools: true, defaultVisibility: 'deny' })
    expect(Object.keys(policy.workloads)).toEqual(['a', 'constructor'])
    expect(policy.workloads['a']).toEqual({ filter: undefined, excludeAll: false, overrides: {} })
    expect(policy.workloads['constructor']).toEqual({
      filter: ['t'],
      excludeAll: true,
      overrides: {
        toString: { title: 'T' },
        t: { name: 'n', description: 'd', annotations: { readOnlyHint: true } },
      },
    })
    expect(policy.workloads['valueOf']).toBeUndefined()
  })

  it('lets headers through in lower case, each once, and no header of the connection', () => {
    expect(load(`${MINIMAL}passthroughHeaders: [X-A, x-a, X-B, Accept]\n`).config.passthroughHeaders).toEqual(
      ['x-a', 'x-b'],
    )
  })

  it('bounds open sessions', () => {
    expect(load(`${MINIMAL}sessionStorage: {maxSessions: 7}\n`).config.sessions).toEqual({
      ...DEFAULT_SESSIONS,
      max: 7,
    })
  })

  it('speaks for backends that the group brings in', () => {
    const { defaults } = load(
      `${MINIMAL.replace('source: inline', 'source: inline\n  default: {type: header_injection, headerInjection: {headerName: X, headerValueEnv: KEY}}\n  backends: {open: {type: unauthenticated}}')}operational: {timeouts: {default: 5s, perWorkload: {open: 1ms}}}\n`,
      { KEY: 'k' },
    )
    const base = {
      era: 'auto',
      connection: 'session',
      timeoutMs: 1,
      auth: { type: 'unauthenticated' },
      metadata: { group: 'x', a: 'b' },
    } as const
    const web = { ...base, transport: 'sse', url: 'http://x', headers: {}, caBundlePath: undefined } as const
    const brought: BackendConfig[] = [
      { ...web, name: 'any' },
      { ...web, name: 'open' },
      { ...base, name: 'program', transport: 'stdio', command: 'c', args: [], env: {}, cwd: undefined },
    ]
    expect(
      applyDefaults(brought, defaults).map(({ timeoutMs, auth, metadata }) => [timeoutMs, auth, metadata]),
    ).toEqual([
      [5000, { type: 'header_injection', headerName: 'X', headerValue: 'k' }, { group: 'dev', a: 'b' }],
      [1, { type: 'unauthenticated' }, { group: 'dev', a: 'b' }],
      [5000, { type: 'unauthenticated' }, { group: 'dev', a: 'b' }],
    ])
  })

  it('leads back from a path to the file', () => {
    const { source } = load(`${MINIMAL}backends:\n  - {name: a, transport: stdio, command: c}\n`)
    expect(source.at(['backends', 0, 'command'])).toEqual({ line: 12, column: 42 })
    expect(source.at(['backends', 0, 'command'], 'key')).toEqual({ line: 12, column: 33 })
    expect(source.at(['backends', 0, 'env', 'A'])).toEqual({ line: 12, column: 5 })
    expect(source.at(['backends', 3])).toEqual({ line: 11, column: 1 })
    expect(source.value(['backends', 0, 'name'])).toBe('a')
    expect(source.value(['backends', 0, 'cwd'])).toBeUndefined()
  })
})

describe('what this version cannot do', () => {
  const sample = (at: string, is: string | undefined) => {
    const value: unknown = is ?? {}
    return at
      .split('.')
      .reduceRight<unknown>((inner, key) => (key === '*' ? { some: inner } : { [key]: inner }), value)
  }

  it.each(UNBUILT.filter(({ at }) => !at.includes('tools.*')))(
    'is refused by name: $at $is',
    ({ at, is, feature }) => {
      const found = parse(JSON.stringify(sample(at, is))).diagnostics
      expect(found.map(({ message }) => message)).toContain(
        `${feature} is not supported by this version of vmcp`,
      )
    },
  )

  it('is not refused for being mentioned with another value', () => {
    expect(
      load(MINIMAL.replace('type: anonymous', 'type: anonymous\n  authz: {type: none}')).diagnostics,
    ).toEqual([])
  })

  it('is not refused where it is off', () => {
    expect(load(`${MINIMAL}codeMode: {enabled: false}\n`).diagnostics).toEqual([])
  })
})
