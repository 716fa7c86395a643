import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { onAbort } from '../core/abort.ts'
import type { Ask, Call, Exchange, Notice } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import { ANONYMOUS } from '../core/caller.ts'
import type { Item, JsonObject } from '../core/catalog.ts'
import type { BackendConfig, HttpBackendConfig, StdioBackendConfig } from '../core/config.ts'
import type { Log, LogFields } from '../core/log.ts'
import type { Backend, BackendRequest, Backends, ReadyState } from '../core/ports.ts'
import { RawObject } from '../core/raw.ts'
import type { BackendsDeps } from './index.ts'
import { createBackends } from './index.ts'

/** What the tests of this room have in common. */

const BASE = {
  era: 'auto',
  connection: 'session',
  timeoutMs: 5_000,
  auth: { type: 'unauthenticated' },
  metadata: {},
} as const

export function httpConfig(url: string, over: Partial<HttpBackendConfig> = {}): HttpBackendConfig {
  return {
    ...BASE,
    name: 'b',
    transport: 'streamable-http',
    url,
    headers: {},
    caBundlePath: undefined,
    ...over,
  }
}

/** A child that runs one of the scripts in `testing/`. */
export function stdioConfig(
  script: string,
  args: readonly string[] = [],
  over: Partial<StdioBackendConfig> = {},
): StdioBackendConfig {
  const file = fileURLToPath(new URL(`testing/${script}.mjs`, import.meta.url))
  return {
    ...BASE,
    name: 'b',
    transport: 'stdio',
    command: process.execPath,
    args: [file, ...args],
    env: {},
    cwd: undefined,
    ...over,
  }
}

export function legacyCaller(over: Partial<Caller> = {}): Caller {
  return {
    principal: ANONYMOUS,
    era: 'legacy',
    version: '2025-11-25',
    session: 's1',
    client: { name: 'tester', version: '1' },
    capabilities: {},
    logLevel: undefined,
    headers: {},
    ...over,
  }
}

export function modernCaller(over: Partial<Caller> = {}): Caller {
  return legacyCaller({ era: 'modern', version: '2026-07-28', session: undefined, ...over })
}

export interface RecordedExchange extends Exchange {
  readonly progressed: JsonObject[]
  readonly logged: JsonObject[]
  /** Everything else that was told. */
  readonly told: Notice[]
  readonly asked: Ask[]
}

/** Answers every question with `answer`, or fails it. */
export function exchange(
  options: {
    signal?: AbortSignal
    answer?: (ask: Ask) => Promise<object>
    takesInputRequired?: boolean
  } = {},
): RecordedExchange {
  const progressed: JsonObject[] = []
  const logged: JsonObject[] = []
  const told: Notice[] = []
  const asked: Ask[] = []
  const { signal = new AbortController().signal } = options
  return {
    signal,
    onAbort: (listener) => onAbort(signal, listener),
    progressed,
    logged,
    told,
    asked,
    takesInputRequired: options.takesInputRequired ?? false,
    notify(notice) {
      if (notice.method === 'notifications/progress') progressed.push(notice.params.parse())
      else if (notice.method === 'notifications/message') logged.push(notice.params.parse())
      else told.push(notice)
    },
    async ask(ask) {
      asked.push(ask)
      return RawObject.of((await options.answer?.(ask)) ?? { action: 'accept', content: {} })
    },
  }
}

/** A call of a tool that is advertised as `x_NAME`. */
export function toolCall(
  name: string,
  args: object = {},
  meta?: object,
): Pick<BackendRequest, 'call' | 'item'> {
  const params = { name: `x_${name}`, arguments: args, ...(meta && { _meta: meta }) }
  return rawCall(name, JSON.stringify(params))
}

/** The same, with parameters to the byte. */
export function rawCall(name: string, params: string): Pick<BackendRequest, 'call' | 'item'> {
  const call: Call = { kind: 'tool', name: `x_${name}`, params: RawObject.scan(Buffer.from(params)) }
  const origin = { backend: 'b', name }
  const item: Item = { kind: 'tool', name: `x_${name}`, origin, definition: {}, hidden: false }
  return { call, item }
}

/** Text of the first content block. */
export function textOf(body: RawObject): string {
  const [first] = body.value('content') as { text: string }[]
  return first?.text ?? ''
}

export interface RecordedLog extends Log {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[]
}

export function recordedLog(): RecordedLog {
  const lines: RecordedLog['lines'] = []
  const write = (level: string) => (fields: LogFields, message: string) => {
    lines.push({ level, message, fields })
  }
  return { lines, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

/** Opens things, and closes them last first, whereupon it can be used again. */
export class Stage {
  readonly #closers: (() => Promise<unknown> | unknown)[] = []
  #log = recordedLog()

  /** Since it was last closed. */
  get log(): RecordedLog {
    return this.#log
  }

  /** Serves on a free port of loopback. @returns the origin */
  async serve(listener: RequestListener, port = 0): Promise<string> {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    this.later(() => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  backends(configs: readonly BackendConfig[], deps: Partial<BackendsDeps> = {}): Backends {
    const backends = createBackends(configs, { log: this.log, version: '0.0.0', ...deps })
    this.later(() => backends.close())
    return backends
  }

  /** One backend, connected. */
  async backend(config: BackendConfig, deps: Partial<BackendsDeps> = {}): Promise<Backend> {
    const [backend] = this.backends([config], deps).all
    await ready(backend as Backend)
    return backend as Backend
  }

  later(close: () => Promise<unknown> | unknown): void {
    this.#closers.push(close)
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close()
    this.#log = recordedLog()
  }
}

/** Waits until the backend is connected. */
export async function ready(backend: Backend): Promise<ReadyState> {
  await until(
    () => backend.state.status === 'ready',
    () => `state ${JSON.stringify(backend.state)}`,
  )
  return backend.state as ReadyState
}

/** Waits until the backend cannot be reached. @returns the message of its error */
export async function failed(backend: Backend): Promise<string> {
  await until(
    () => backend.state.status === 'failed',
    () => `state ${backend.state.status}`,
  )
  return backend.state.status === 'failed' ? backend.state.error.message : ''
}

export async function until(
  condition: () => boolean,
  what = () => 'the condition',
  ms = 8_000,
): Promise<void> {
  const end = Date.now() + ms
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what()}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

export type JsonRpc = { id?: number | string; method: string; params?: Record<string, unknown> }

/** A hand-made MCP server over HTTP, for what real ones do not do. `answer` gets every JSON-RPC message. */
export function handMade(
  answer: (message: JsonRpc, req: IncomingMessage, res: ServerResponse) => unknown,
): RequestListener {
  return (req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const message = text === '' ? { method: `HTTP ${req.method}` } : (JSON.parse(text) as JsonRpc)
      const result = answer(message, req, res)
      if (result !== undefined) sendJson(res, { jsonrpc: '2.0', id: message.id, ...(result as object) })
    })
  }
}

export function sendJson(res: ServerResponse, body: unknown, status = 200): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  res.writeHead(status, { 'content-type': 'application/json' }).end(text)
}

/** What a legacy server without sessions answers, as far as a test does not care. */
export function legacyBasics(message: JsonRpc, res: ServerResponse): unknown {
  if (message.id === undefined) {
    res.writeHead(message.method.startsWith('HTTP') ? 405 : 202).end()
    return undefined
  }
  if (message.method === 'initialize')
    return {
      result: {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'hand', version: '1' },
      },
    }
  if (message.method === 'tools/list')
    return { result: { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] } }
  if (message.method === 'tools/call')
    return { result: { content: [{ type: 'text', text: JSON.stringify(message.params) }] } }
  return { error: { code: -32601, message: 'Method not found' } }
}
