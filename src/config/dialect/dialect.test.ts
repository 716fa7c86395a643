import { describe, expect, it } from 'vitest'
import { faultsIn, MINIMAL, parse, said } from '../testing.ts'

const OLD = `name: engineering
group: engineering-team
incoming_auth:
  type: anonymous
outgoing_auth:
  source: inline
  default:
    type: unauthenticated
  backends:
    slack:
      type: service_account
      service_account:
        credentials_env: SLACK_TOKEN
    github:
      type: header_injection
      header_injection:
        header_name: X-Api-Key
        header_value_env: GITHUB_KEY
aggregation:
  conflict_resolution: priority
  conflict_resolution_config:
    priority_order: [github, slack]
  tools:
    - workload: github
      filter: [create_pr]
      overrides:
        create_pr:
          name: gh_create_pr
          description: Opens a pull request
operational:
  timeouts:
    default: 20s
    per_workload:
      slow_one: 45s
backends:
  - {name: github, transport: streamable-http, url: "http://127.0.0.1:1/mcp", metadata: {some_key: per_workload}}
  - {name: slack, transport: sse, url: "http://127.0.0.1:2/sse"}
  - {name: slow_one, transport: stdio, command: run, env: {client_id: a}}
`

const NEW = `name: engineering
groupRef: engineering-team
incomingAuth:
  type: anonymous
outgoingAuth:
  source: inline
  default:
    type: unauthenticated
  backends:
    slack:
      type: header_injection
      headerInjection:
        headerName: Authorization
        headerValueEnv: SLACK_TOKEN
        headerFormat: "Bearer {token}"
    github:
      type: header_injection
      headerInjection:
        headerName: X-Api-Key
        headerValueEnv: GITHUB_KEY
aggregation:
  conflictResolution: priority
  conflictResolutionConfig:
    priorityOrder: [github, slack]
  tools:
    - workload: github
      filter: [create_pr]
      overrides:
        create_pr:
          name: gh_create_pr
          description: Opens a pull request
operational:
  timeouts:
    default: 20s
    perWorkload:
      slow_one: 45s
backends:
  - {name: github, transport: streamable-http, url: "http://127.0.0.1:1/mcp", metadata: {some_key: per_workload}}
  - {name: slack, transport: sse, url: "http://127.0.0.1:2/sse"}
  - {name: slow_one, transport: stdio, command: run, env: {client_id: a}}
`

const ENV = { SLACK_TOKEN: 'xoxb', GITHUB_KEY: 'gh' }

describe('the old spelling', () => {
  it('means what the new one means', () => {
    const old = parse(OLD, ENV)
    const today = parse(NEW, ENV)
    if (!old.ok || !today.ok) expect.fail(JSON.stringify([old.diagnostics, today.diagnostics]))
    expect(old.config).toEqual(today.config)
    expect(today.diagnostics).toEqual([])
    expect(old.config.backends.map(({ name, timeoutMs, auth }) => [name, timeoutMs, auth])).toEqual([
      ['github', 20_000, { type: 'header_injection', headerName: 'X-Api-Key', headerValue: 'gh' }],
      [
        'slack',
        20_000,
        { type: 'header_injection', headerName: 'Authorization', headerValue: 'Bearer xoxb' },
      ],
      ['slow_one', 45_000, { type: 'unauthenticated' }],
    ])
  })

  it('is noted at every use, naming today’s key', () => {
    const notes = parse(OLD, ENV).diagnostics
    expect(new Set(notes.map(({ severity }) => severity))).toEqual(new Set(['deprecated']))
    expect(notes.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([
      '2:1 the key group is now groupRef',
      '3:1 the key incoming_auth is now incomingAuth',
      '5:1 the key outgoing_auth is now outgoingAuth',
      '11:13 the strategy service_account is now header_injection with headerValueEnv and headerFormat',
      '12:7 the key service_account is now headerInjection',
      '13:9 the key credentials_env is now headerValueEnv',
      '16:7 the key header_injection is now headerInjection',
      '17:9 the key header_name is now headerName',
      '18:9 the key header_value_env is now headerValueEnv',
      '20:3 the key conflict_resolution is now conflictResolution',
      '21:3 the key conflict_resolution_config is now conflictResolutionConfig',
      '22:5 the key priority_order is now priorityOrder',
      '33:5 the key per_workload is now perWorkload',
    ])
  })

  it('of settings of a strategy, under metadata, means what the new one means', () => {
    const settings = [
      ['slack', 'service_account', 'credentials_env: SLACK_TOKEN, header_format: "Bearer {token}"'],
      ['github', 'header_injection', 'header_name: X-Api-Key, header_value_env: GITHUB_KEY'],
    ]
    const served = (key: (type: string) => string) => {
      const strategies = settings.map(
        ([name, type = '', all]) => `${name}: {type: ${type}, ${key(type)}: {${all}}}`,
      )
      const backends = settings.map(
        ([name]) => `{name: ${name}, transport: sse, url: "http://x.example/sse"}`,
      )
      return MINIMAL.replace(
        'source: inline',
        `source: inline\n  backends: {${strategies.join(', ')}}`,
      ).concat(`backends: [${backends.join(', ')}]\n`)
    }
    const [old, today] = [served(() => 'metadata'), served((type) => type)].map((text) => parse(text, ENV))
    if (old?.ok !== true || today?.ok !== true) throw new Error(JSON.stringify(old?.diagnostics))
    expect(old.config).toEqual(today.config)
    expect(old.diagnostics.map(({ line, message }) => `${line} ${message}`)).toContain(
      '7 the settings under metadata now stand under a key with the name of the type',
    )
  })

  it('may stand beside the new one in one file, but not of one key', () => {
    expect(said('error', MINIMAL.replace('incomingAuth', 'incoming_auth'))).toEqual([])
    expect(said('error', `${MINIMAL}group: other\n`)).toEqual([
      'groupRef: given twice, as groupRef and as group',
    ])
    const both = MINIMAL.replace(
      '    prefixFormat: "{workload}_"',
      '    prefix_format: a\n    prefixFormat: b',
    )
    expect(said('error', both)).toEqual([
      'aggregation.conflictResolutionConfig.prefixFormat: given twice, as prefixFormat and as prefix_format',
    ])
  })

  it('is not looked for among the user’s own names', () => {
    const text = `${MINIMAL}metadata: {per_workload: a}
backends:
  - {name: a, transport: sse, url: https://x.example, headers: {client_id: b}, metadata: {header_name: c}}
`
    const result = parse(text)
    expect(result.diagnostics).toEqual([])
    expect(result.ok && result.config.backends[0]).toMatchObject({
      headers: { client_id: 'b' },
      metadata: { header_name: 'c', group: 'dev' },
    })
    const flow = `${MINIMAL}composite_tools:
  - name: t
    description: d
    parameters: {type: object, properties: {on_error: {type: string}}}
    steps: [{id: a, tool: x, arguments: {depends_on: [b]}, default_results: {on_error: 1}}]
`
    expect(said('deprecated', flow)).toEqual([
      'compositeTools: the key composite_tools is now compositeTools',
      'compositeTools[0].steps[0].defaultResults: the key default_results is now defaultResults',
    ])
  })

  it.each([
    ['token_cache: {provider: memory, config: {max_entries: 5, ttl_offset: 5m, key_prefix: a}}', 4],
    [
      'operational: {failure_handling: {health_check_interval: 30s, unhealthy_threshold: 3, partial_failure_mode: fail, circuit_breaker: {enabled: true, failure_threshold: 5, timeout: 60s}}}',
      6,
    ],
    [
      'operational: {timeouts: {extend_on_progress: 5m}, failure_handling: {retry: {max_attempts: 2, initial_delay: 1s, max_delay: 2s, budget_percent: 5}, bulkhead: {max_concurrent: 1, max_queued: 1}}}',
      8,
    ],
    [
      'backends: [{name: a, transport: stdio, command: c, health: {unhealthy_threshold: 2}, bulkhead: {max_concurrent: 1, max_queued: 0}}]',
      3,
    ],
    [
      'composite_tools: [{name: t, description: d, parameters: {message: {type: string, default: x}}, timeout: 5m, steps: [{id: a, type: tool, tool: x.y, depends_on: [], on_error: {action: retry, retry_count: 3, retry_delay: 1s}}, {id: b, type: elicitation, message: m, schema: {}, on_decline: {action: abort}, on_cancel: {action: abort}}]}]',
      8,
    ],
    [
      'telemetry: {servicename: a, serviceversion: b, tracingenabled: true, metricsenabled: true, samplingrate: "0.1", enableprometheusmetricspath: true, customattributes: {a_b: c}}',
      7,
    ],
    ['telemetry: {service_name: a, prometheus_port: 1}', 2],
    ['code_mode: {enabled: true}', 1],
  ])('is read in every block: %s', (block, notes) => {
    expect(faultsIn(`${MINIMAL}${block}\n`)).toEqual([])
    expect(said('deprecated', `${MINIMAL}${block}\n`)).toHaveLength(notes)
  })

  it.each([
    'oidc: {issuer: https://i.example, client_id: a, client_secret_env: SECRET, audience: b, scopes: [c], resource: https://r.example, jwks_url: https://j.example}',
    'authz: {type: cedar, policies: ["permit(principal, action, resource);"], entities_json: "[]", group_claim_name: g}',
  ])('is read under incoming_auth: %s', (block) => {
    const text = MINIMAL.replace(
      'incomingAuth:\n  type: anonymous',
      `incoming_auth:\n  type: oidc\n  oidc: {issuer: https://i.example, audience: b}\n  ${block}`,
    )
    const once = block.startsWith('oidc')
      ? text.replace('  oidc: {issuer: https://i.example, audience: b}\n', '')
      : text
    expect(
      parse(once, { SECRET: 'x' }).diagnostics.filter(({ message }) => message === 'unknown key'),
    ).toEqual([])
  })

  it.each([
    [
      'type: token_exchange, token_exchange: {token_url: https://t.example, client_id: a, client_secret_env: SECRET, audience: b, scopes: [c], subject_token_type: id_token, client_auth_method: client_secret_post}',
      {
        type: 'token_exchange',
        endpoint: {
          url: 'https://t.example',
          allowHttp: false,
          client: { id: 'a', secret: 'x', method: 'client_secret_post' },
        },
        audience: 'b',
        scopes: ['c'],
        subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
      },
    ],
    [
      'type: client_credentials, client_credentials: {token_url: "http://t.example", client_id: a, client_secret_env: SECRET, insecure_token_url: true}',
      {
        type: 'client_credentials',
        endpoint: {
          url: 'http://t.example',
          allowHttp: true,
          client: { id: 'a', secret: 'x', method: 'client_secret_basic' },
        },
        scopes: [],
      },
    ],
    [
      'type: xaa, xaa: {idp_token_url: https://i.example, idp_client_id: a, idp_client_secret_env: SECRET, target_token_url: https://t.example, target_audience: https://t.example, target_resource: https://b.example/mcp}',
      {
        type: 'xaa',
        idp: { url: 'https://i.example', client: { id: 'a', secret: 'x' } },
        target: { url: 'https://t.example', client: undefined },
        audience: 'https://t.example',
        resource: 'https://b.example/mcp',
        subjectTokenType: 'urn:ietf:params:oauth:token-type:id_token',
      },
    ],
    ['type: pass_through', { type: 'pass_through' }],
  ])('is read of the strategy %s', (strategy, expected) => {
    const text = MINIMAL.replace(
      'outgoingAuth:\n  source: inline',
      `outgoing_auth:\n  source: inline\n  default: {${strategy}}`,
    )
    const result = parse(text, { SECRET: 'x' })
    expect(result.ok && result.defaults.auth).toMatchObject(expected)
  })

  it('takes the name and the format of a service account from the file', () => {
    const text = MINIMAL.replace(
      'source: inline',
      'source: inline\n  default: {type: service_account, service_account: {credentials_env: KEY, header_name: X-Key, header_format: "k={token}"}}',
    )
    const result = parse(text, { KEY: '$&' })
    expect(result.ok && result.defaults.auth).toEqual({
      type: 'header_injection',
      headerName: 'X-Key',
      headerValue: 'k=$&',
    })
    expect(said('error', text)).toEqual([
      'outgoingAuth.default.headerInjection.headerValueEnv: the default strategy needs the environment variable KEY, which is not set or empty',
    ])
  })

  it('of parameters is turned into a JSON Schema, and a JSON Schema is left alone', () => {
    const flow = (parameters: string) =>
      `${MINIMAL}compositeTools: [{name: t, description: d, parameters: ${parameters}, steps: [{id: a, tool: x}]}]\n`
    const kept = '{type: object, properties: {type: {type: string}}}'
    expect(said('deprecated', flow(kept))).toEqual([])
    const short = '{type: {type: string}, b: {type: integer, default: 3}}'
    expect(said('deprecated', flow(short))).toEqual([
      'compositeTools[0].parameters: parameters is now a JSON Schema',
    ])
    expect(said('error', flow(short))).toEqual([])
    expect(said('error', flow('{a: 3}'))).toContain(
      'compositeTools[0].parameters: expected a JSON Schema with type: object',
    )
  })
})
