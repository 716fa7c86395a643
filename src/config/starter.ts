import type { BackendConfig, HttpBackendConfig } from '../core/config.ts'

export interface StarterOptions {
  /** Path or URL of the JSON Schema, for editors. */
  readonly schema?: string
}

const INCOMING = `# Who may connect: everybody who reaches the port.
incomingAuth:
  type: anonymous
  # Holders of an access token of your identity provider:
  # type: oidc
  # oidc:
  #   issuer: https://login.example.com
  #   audience: https://mcp.example.com/mcp
  #   resource: https://mcp.example.com/mcp
  #   scopes: [mcp]
`

/** A commented configuration of a group, ready to be served. Backends stand in the order of their names. */
export function renderStarter(
  group: string,
  backends: readonly BackendConfig[],
  options: StarterOptions = {},
): string {
  const sorted = [...backends].sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
  return `# yaml-language-server: $schema=${encodeSchema(options.schema ?? './vmcp.schema.json')}

# The name that clients see.
name: ${scalar(`${group}-vmcp`)}

# The group whose servers are aggregated.
groupRef: ${scalar(group)}

# The servers behind this endpoint. With an empty list, those of the group are used.
backends:${sorted.length === 0 ? ' []' : `\n${sorted.map(renderBackend).join('')}`}
${INCOMING}
# How this server authenticates to its backends.
outgoingAuth:
  source: inline
  default:
    type: unauthenticated
  # backends:
  #   some-backend:
  #     type: header_injection
  #     headerInjection:
  #       headerName: Authorization
  #       headerValueEnv: SOME_BACKEND_TOKEN
  #       headerFormat: "Bearer {token}"

# How tools of the same name are told apart: prefix, priority or manual.
aggregation:
  conflictResolution: prefix
  conflictResolutionConfig:
    prefixFormat: "{workload}_"
  # Per backend: which tools are visible, and under which names.
  # tools:
  #   - workload: some-backend
  #     filter: [some_tool]
  #     overrides:
  #       some_tool:
  #         description: What it does, in other words.

# How long calls may take, and what is done about servers that fail.
operational:
  timeouts:
    default: 30s
  # failureHandling:
  #   healthCheckInterval: 30s
  #   unhealthyThreshold: 3
  #   partialFailureMode: best_effort
  #   circuitBreaker:
  #     enabled: true
  #     failureThreshold: 5
  #     timeout: 60s
`
}

function renderBackend(backend: BackendConfig): string {
  const lines = [
    `- name: ${scalar(backend.name)}`,
    `  transport: ${backend.transport}`,
    ...renderKind(backend),
  ]
  if (backend.era !== 'auto') lines.push(`  era: ${backend.era}`)
  if (backend.connection !== 'session') lines.push(`  connection: ${backend.connection}`)
  return `${lines.map((line) => `  ${line}\n`).join('')}\n`
}

function renderKind(backend: BackendConfig): string[] {
  if (backend.transport !== 'stdio') return renderHttp(backend)
  const args =
    backend.args.length === 0 ? [] : ['  args:', ...backend.args.map((arg) => `    - ${scalar(arg)}`)]
  const cwd = backend.cwd === undefined ? [] : [`  cwd: ${scalar(backend.cwd)}`]
  return [`  command: ${scalar(backend.command)}`, ...args, ...renderMap('env', backend.env), ...cwd]
}

function renderHttp({ url, headers, caBundlePath }: HttpBackendConfig): string[] {
  const bundle =
    caBundlePath === undefined ? [] : ['  type: entry', `  caBundlePath: ${scalar(caBundlePath)}`]
  return [`  url: ${scalar(url)}`, ...renderMap('headers', headers), ...bundle]
}

function renderMap(key: string, map: Readonly<Record<string, string>>): string[] {
  const members = Object.entries(map).map(([name, value]) => `    ${scalar(name)}: ${scalar(value)}`)
  return members.length === 0 ? [] : [`  ${key}:`, ...members]
}

const PLAIN = /^[A-Za-z/][A-Za-z0-9_./@-]*(:\/\/[A-Za-z0-9_./@:-]*[A-Za-z0-9_/])?$/
const RESERVED = /^(true|false|null|yes|no|on|off|y|n)$/i

/** Plain where YAML of any version reads it back as the same text, else in double quotes, which JSON's are. */
function scalar(text: string): string {
  if (PLAIN.test(text) && !RESERVED.test(text)) return text
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function encodeSchema(schema: string): string {
  return schema.replace(/\s|\p{Cc}/gu, (character) => encodeURIComponent(character))
}
