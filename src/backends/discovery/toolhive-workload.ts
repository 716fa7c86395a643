import type { BackendConfig, HttpBackendConfig } from '../../core/config.ts'
import { isObject } from '../../core/json.ts'
import { httpBackend } from './discovery.ts'
import { isName } from './names.ts'

/** What became of one ToolHive workload; without a backend, the notes say why. */
export interface Reading {
  readonly backend: BackendConfig | undefined
  readonly notes: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>

/** A run configuration and its status file. The URL is that of ToolHive's proxy, not of the container. */
export function fromFiles(name: string, config: Fields, status: Fields): Reading {
  const spoken =
    text(config, 'transport') === 'stdio' ? text(config, 'proxy_mode') : text(config, 'transport')
  const transport = transportOf(spoken || 'streamable-http')
  return read({
    name: text(config, 'name') || name,
    url: transport === undefined ? '' : proxyUrl(config, transport),
    transport,
    spoken,
    status: text(status, 'status') || 'unknown',
    group: text(config, 'group') || 'default',
    labels: config['container_labels'],
  })
}

/** An entry of `GET /api/v1beta/workloads`. */
export function fromApi(entry: Fields, group: string): Reading {
  const spoken = text(entry, 'proxy_mode') || text(entry, 'transport_type')
  return read({
    name: text(entry, 'name'),
    url: text(entry, 'url'),
    // A stdio workload is proxied over streamable HTTP unless its proxy mode says otherwise.
    transport: transportOf(spoken === 'stdio' || spoken === '' ? 'streamable-http' : spoken),
    spoken,
    status: text(entry, 'status') || 'unknown',
    group: text(entry, 'group') || group,
    labels: entry['labels'],
  })
}

export function recordOf(value: unknown): Fields {
  return isObject(value) ? value : {}
}

type Transport = HttpBackendConfig['transport']

interface Facts {
  readonly name: string
  readonly url: string
  readonly transport: Transport | undefined
  readonly spoken: string
  readonly status: string
  readonly group: string
  readonly labels: unknown
}

function read(facts: Facts): Reading {
  const skipped = (why: string): Reading => ({
    backend: undefined,
    notes: [`ToolHive workload ${JSON.stringify(facts.name)} is skipped: ${why}`],
  })
  if (!isName(facts.name)) return skipped('its name cannot be part of a tool name')
  if (facts.transport === undefined)
    return skipped(`transport ${JSON.stringify(facts.spoken)} is not supported`)
  if (facts.url === '') return skipped('it has no URL')
  const url = httpUrl(facts.url)
  if (url === undefined) return skipped('its URL is not an http or https one')
  const metadata = { ...labelsOf(facts.labels), workload_status: facts.status, group: facts.group }
  const backend = httpBackend({ name: facts.name, transport: facts.transport, url, headers: {}, metadata })
  return { backend, notes: DOWN.has(facts.status) ? [down(facts)] : [] }
}

const DOWN: ReadonlySet<string> = new Set([
  'unhealthy',
  'stopped',
  'error',
  'stopping',
  'removing',
  'policy_stopped',
  'unauthenticated',
])

function down({ name, status }: Facts): string {
  const mend = status === 'stopped' ? `; \`thv start ${name}\` starts it` : ''
  return `ToolHive says that workload '${name}' is ${status}${mend}`
}

function transportOf(spoken: string): Transport | undefined {
  switch (spoken) {
    case 'streamable-http':
    case 'streamable':
      return 'streamable-http'
    case 'sse':
      return 'sse'
    default:
      return undefined
  }
}

function proxyUrl(config: Fields, transport: Transport): string {
  const port = config['port']
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535) return ''
  const host = text(config, 'host')
  // A proxy that listens everywhere is reached here.
  const reached = host === '' || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const authority = reached.includes(':') ? `[${reached}]` : reached
  return `http://${authority}:${port}${transport === 'sse' ? '/sse' : '/mcp'}`
}

/** Without the fragment, in which ToolHive names the container and which is never sent. */
function httpUrl(spelled: string): string | undefined {
  if (!URL.canParse(spelled)) return undefined
  const url = new URL(spelled)
  url.hash = ''
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined
}

function labelsOf(labels: unknown): Record<string, string> {
  const entries = Object.entries(recordOf(labels))
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function text(fields: Fields, key: string): string {
  const value = fields[key]
  return typeof value === 'string' ? value : ''
}
