import type { BackendConfig, HttpBackendConfig } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { parseJson } from '../../core/raw.ts'
import { httpBackend, stdioBackend } from './discovery.ts'
import { isName } from './names.ts'

/** A workload as our own store keeps it. */
export type Workload =
  | {
      readonly transport: 'stdio'
      readonly command: string
      readonly args: readonly string[]
      readonly env: Readonly<Record<string, string>>
      readonly cwd?: string | undefined
    }
  | {
      readonly transport: HttpBackendConfig['transport']
      readonly url: string
      readonly headers: Readonly<Record<string, string>>
    }

/** Of the file's layout; a file of another one is refused rather than misread. */
const FORMAT = 1

export function textOfGroup(group: string, workloads: Readonly<Record<string, Workload>>): string {
  return `${JSON.stringify({ format: FORMAT, group, workloads }, null, 2)}\n`
}

/** @throws GatewayError `config` */
export function groupFromText(text: string, path: string): Readonly<Record<string, Workload>> {
  try {
    const file = record(parseJson(text), 'the file')
    if (file['format'] !== FORMAT) throw new Error(`"format" is not ${FORMAT}`)
    const entries = Object.entries(record(file['workloads'], '"workloads"'))
    return Object.fromEntries(
      entries.map(([name, value]) => [named(name), workload(value, `workload '${name}'`)]),
    )
  } catch (cause) {
    throw new GatewayError('config', `${path} is damaged: ${(cause as Error).message}`, { cause })
  }
}

export function toBackend(name: string, workload: Workload, group: string): BackendConfig {
  const metadata = { group }
  if (workload.transport === 'stdio') return stdioBackend({ name, metadata, ...workload, cwd: workload.cwd })
  return httpBackend({ name, metadata, ...workload })
}

function named(name: string): string {
  if (!isName(name)) throw new Error(`${JSON.stringify(name)} is not a workload name`)
  return name
}

function workload(value: unknown, what: string): Workload {
  const fields = record(value, what)
  const { transport } = fields
  switch (transport) {
    case 'stdio':
      return {
        transport,
        command: string(fields['command'], `"command" of ${what}`),
        args: strings(fields['args'] ?? [], `"args" of ${what}`),
        env: stringMap(fields['env'] ?? {}, `"env" of ${what}`),
        cwd: fields['cwd'] === undefined ? undefined : string(fields['cwd'], `"cwd" of ${what}`),
      }
    case 'streamable-http':
    case 'sse':
      return {
        transport,
        url: string(fields['url'], `"url" of ${what}`),
        headers: stringMap(fields['headers'] ?? {}, `"headers" of ${what}`),
      }
    default:
      throw new Error(`"transport" of ${what} is not stdio, streamable-http or sse`)
  }
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw new Error(`${what} is not an object`)
  return value as Record<string, unknown>
}

function string(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new Error(`${what} is not a string`)
  return value
}

function strings(value: unknown, what: string): string[] {
  if (!Array.isArray(value)) throw new Error(`${what} is not a list`)
  return value.map((one) => string(one, what))
}

function stringMap(value: unknown, what: string): Record<string, string> {
  const entries = Object.entries(record(value, what))
  return Object.fromEntries(entries.map(([key, one]) => [key, string(one, `${what}, ${key}`)]))
}
