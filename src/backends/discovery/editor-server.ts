import { resolve } from 'node:path'
import type { Node } from 'jsonc-parser'
import type { BackendConfig, HttpBackendConfig } from '../../core/config.ts'
import { httpBackend, stdioBackend } from './discovery.ts'
import { expand, type Surroundings } from './expand.ts'
import { type JsonText, membersOf } from './jsonc.ts'

export interface Reading {
  readonly json: JsonText
  readonly around: Surroundings
  readonly name: string
  /** The name as the file spells it. */
  readonly spelled: string
  readonly errors: string[]
  readonly notes: string[]
}

const KNOWN_KEYS = new Set([
  'type',
  'transport',
  'command',
  'args',
  'env',
  'cwd',
  'url',
  'headers',
  'disabled',
])

type Transport = BackendConfig['transport']

const TRANSPORTS: ReadonlyMap<unknown, Transport> = new Map([
  ['stdio', 'stdio'],
  ['http', 'streamable-http'],
  ['streamable-http', 'streamable-http'],
  ['streamableHttp', 'streamable-http'],
  ['streamable', 'streamable-http'],
  ['sse', 'sse'],
])

/** One server of an editor's file; `undefined` when it is switched off or wrong, with a note or an error. */
export function readServer(node: Node, reading: Reading): BackendConfig | undefined {
  return new ServerReader(node, reading).read()
}

class ServerReader {
  readonly #node: Node
  readonly #members: ReadonlyMap<string, Node>
  readonly #reading: Reading

  constructor(node: Node, reading: Reading) {
    this.#node = node
    this.#members = membersOf(node)
    this.#reading = reading
  }

  read(): BackendConfig | undefined {
    if (this.#node.type !== 'object') return this.#wrong(this.#node, 'expected an object')
    if (this.#members.get('disabled')?.value === true) {
      this.#note(this.#node, 'is skipped: it is disabled')
      return undefined
    }
    for (const [key, node] of this.#members) {
      if (!KNOWN_KEYS.has(key)) this.#note(node, `key "${key}" is ignored`)
    }
    const transport = this.#transport()
    if (transport === undefined) return undefined
    return transport === 'stdio' ? this.#stdio() : this.#http(transport)
  }

  #transport(): Transport | undefined {
    const spelled = this.#members.get('type') ?? this.#members.get('transport')
    if (spelled !== undefined) {
      const transport = TRANSPORTS.get(spelled.value)
      return transport ?? this.#wrong(spelled, 'expected "type" to be stdio, http, streamable-http or sse')
    }
    if (this.#members.has('command')) return 'stdio'
    if (this.#members.has('url')) return 'streamable-http'
    return this.#wrong(this.#node, 'expected a "command" or a "url"')
  }

  #stdio(): BackendConfig | undefined {
    const command = this.#text('command')
    const folder = this.#reading.around.workspaceFolder
    const cwd = this.#members.has('cwd') ? this.#text('cwd') : '.'
    const args = this.#list('args')
    const env = this.#map('env')
    if (command === undefined || cwd === undefined || args === undefined || env === undefined)
      return undefined
    return stdioBackend({ name: this.#reading.name, command, args, env, cwd: resolve(folder, cwd) })
  }

  #http(transport: HttpBackendConfig['transport']): BackendConfig | undefined {
    const url = this.#text('url')
    const headers = this.#map('headers')
    if (url === undefined || headers === undefined) return undefined
    if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
      return this.#wrong(this.#members.get('url') ?? this.#node, '"url" is not an http or https URL')
    return httpBackend({ name: this.#reading.name, transport, url, headers })
  }

  #text(key: string): string | undefined {
    const node = this.#members.get(key)
    if (node === undefined) return this.#wrong(this.#node, `expected a "${key}"`)
    const text = this.#string(node, `"${key}"`)
    return text === '' ? this.#wrong(node, `"${key}" is empty`) : text
  }

  #list(key: string): string[] | undefined {
    const node = this.#members.get(key)
    if (node === undefined) return []
    if (node.type !== 'array') return this.#wrong(node, `"${key}" is not a list`)
    return complete((node.children ?? []).map((child) => this.#string(child, `each of "${key}"`)))
  }

  /** `null` takes an entry away, as in VS Code. */
  #map(key: string): Record<string, string> | undefined {
    const node = this.#members.get(key)
    if (node === undefined) return {}
    if (node.type !== 'object') return this.#wrong(node, `"${key}" is not an object`)
    const members = [...membersOf(node)].filter(([, value]) => value.type !== 'null')
    const values = complete(members.map(([name, value]) => this.#string(value, `"${name}" of "${key}"`)))
    return values && Object.fromEntries(values.map((value, index) => [members[index]?.[0], value]))
  }

  /** Numbers and booleans are taken for what they are spelled. */
  #string(node: Node, what: string): string | undefined {
    if (!['string', 'number', 'boolean'].includes(node.type))
      return this.#wrong(node, `${what} is not a string`)
    const { text, failed } = expand(String(node.value), this.#reading.around)
    for (const { variable, why } of failed) this.#wrong(node, `cannot expand ${variable}: ${why}`, variable)
    return failed.length > 0 ? undefined : text
  }

  /** `inside` is text of the node at which the place is to point. */
  #wrong(node: Node, what: string, inside = ''): undefined {
    const { json, spelled, errors } = this.#reading
    const offset = Math.max(node.offset, json.text.indexOf(inside, node.offset))
    errors.push(`${json.at(offset)}: server '${spelled}': ${what}`)
    return undefined
  }

  #note(node: Node, what: string): void {
    const { json, spelled, notes } = this.#reading
    notes.push(`${json.at(node.offset)}: server '${spelled}' ${what}`)
  }
}

function complete<T>(values: readonly (T | undefined)[]): T[] | undefined {
  const present = values.filter((value) => value !== undefined)
  return present.length === values.length ? present : undefined
}
