import type { Call, Exchange, Result } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import { type Catalog, type Item, type JsonObject, UNCACHEABLE } from '../core/catalog.ts'
import type { Aside, Change, Gateway, ListChange } from '../core/gateway.ts'
import { notFound } from '../core/layer.ts'
import { silent } from '../core/log.ts'
import { RawObject } from '../core/raw.ts'
import { Topic } from '../core/topic.ts'
import { createFront } from './front.ts'
import type { Front, FrontOptions } from './options.ts'

/** A gateway in memory, for tests of the front door: its items are functions. */
export interface MemoryGateway extends Gateway {
  catalog: Catalog
  readonly callers: Caller[]
  tool(name: string, run: Run, definition?: JsonObject): void
  prompt(name: string, run: Run): void
  resource(uri: string, run: Run): void
  /** A method of an extension, or of tasks. */
  method(method: string, run: Run): void
  changed(kind: ListChange['kind']): void
  /** A backend says something to the sessions that listen. */
  says(aside: Aside): void
  close(): void
}

export type Run = (
  exchange: Exchange,
  call: Call,
  caller: Caller,
) => Promise<Result | object> | Result | object

const EMPTY: Catalog = {
  tools: [],
  prompts: [],
  resources: [],
  templates: [],
  dropped: [],
  caching: () => UNCACHEABLE,
}

export function memoryGateway(): MemoryGateway {
  const runs = new Map<Item, Run>()
  const methods = new Map<string, Item>()
  const changes = new Topic<Change>((change) => change.kind)
  const add = <K extends 'tools' | 'prompts' | 'resources'>(kind: K, item: Catalog[K][number], run: Run) => {
    runs.set(item, run)
    gateway.catalog = { ...gateway.catalog, [kind]: [...gateway.catalog[kind], item] }
  }
  const base = (name: string) => ({ origin: { backend: 'memory', name }, hidden: false })
  const gateway: MemoryGateway = {
    catalog: EMPTY,
    callers: [],
    tool(name, run, more = {}) {
      const definition = { name, inputSchema: { type: 'object' }, ...more }
      add('tools', { kind: 'tool', name, definition, ...base(name) }, run)
    },
    prompt(name, run) {
      add('prompts', { kind: 'prompt', name, definition: { name }, ...base(name) }, run)
    },
    resource(uri, run) {
      add('resources', { kind: 'resource', uri, definition: { uri, name: uri }, ...base(uri) }, run)
    },
    method(name, run) {
      const definition = { name }
      const item: Item = { kind: 'method', name, definition, ...base(name) }
      methods.set(name, item)
      runs.set(item, run)
    },
    changed: (kind) => changes.publish({ kind }),
    says: (aside) => changes.publish(aside),
    close: () => changes.close(),
    async list(caller) {
      gateway.callers.push(caller)
      return gateway.catalog
    },
    async resolve(caller, call) {
      gateway.callers.push(caller)
      const isMethod = call.kind === 'method' || call.kind === 'task'
      const item = isMethod ? methods.get(call.method) : find(gateway.catalog, call)
      const run = item && runs.get(item)
      if (item === undefined || run === undefined) throw notFound(call)
      return {
        item,
        run: async (exchange) => toResult(await run(exchange, call, caller)),
      }
    },
    watch: (_, signal) => changes.subscribe(signal),
  }
  return gateway
}

function find({ tools, prompts, resources }: Catalog, call: Call): Item | undefined {
  switch (call.kind) {
    case 'tool':
      return tools.find((item) => item.name === call.name)
    case 'prompt':
      return prompts.find((item) => item.name === call.name)
    case 'resource':
      return resources.find((item) => item.uri === call.uri)
    case 'subscription':
      return resources.find((item) => item.uri === call.uri)
    case 'task':
    case 'method':
      return undefined
    case 'completion': {
      const { ref } = call
      return ref.type === 'ref/prompt' ? prompts.find((item) => item.name === ref.name) : undefined
    }
  }
}

function toResult(made: Result | object): Result {
  if ('body' in made && made.body instanceof RawObject) return made as Result
  return { type: 'complete', body: RawObject.of(made) }
}

/** A tool that answers with its arguments, as the bytes that they came in. */
export const echo: Run = (_, call) => ({
  type: 'complete',
  body: RawObject.of({ content: [] }).with({
    content: `[{"type":"text","text":"hi"}]`,
    got: argumentsOf(call),
  }),
})

export function argumentsOf(call: Call): string {
  return call.params.text('arguments') ?? 'null'
}

export function text(words: string): object {
  return { content: [{ type: 'text', text: words }] }
}

export function frontOptions(more: Partial<FrontOptions> = {}): FrontOptions {
  return {
    name: 'test-front',
    version: '1.2.3',
    log: silent,
    sessions: { ttlMs: 60_000, max: 100 },
    passthroughHeaders: [],
    status: () => ({ backends: [], healthy: true, version: '1.2.3', group_ref: '' }),
    ready: () => ({ ready: true, mode: 'static' }),
    onSessionNews: () => undefined,
    onSessionClosed: () => undefined,
    ...more,
  }
}

export interface Served {
  readonly front: Front
  readonly url: string
  readonly gateway: MemoryGateway
  /** Posts a JSON-RPC message, as given. */
  post(body: unknown, headers?: Record<string, string>): Promise<Response>
  /** Posts a request of 2026-07-28 with the headers that belong to it. */
  modern(method: string, params?: JsonObject, more?: ModernExtras): Promise<Response>
  /** Opens a legacy session and returns its headers. */
  session(params?: JsonObject): Promise<Record<string, string>>
  close(): Promise<void>
}

export interface ModernExtras {
  readonly id?: unknown
  readonly meta?: JsonObject
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

export const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
}

const ACCEPT = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' }

/** A front on a free port, in front of a gateway in memory. */
export async function serve(gateway: MemoryGateway, more: Partial<FrontOptions> = {}): Promise<Served> {
  const front = createFront(gateway, frontOptions(more))
  const { url } = await front.listen(0, '127.0.0.1')
  const send = (body: unknown, headers: Record<string, string>, signal?: AbortSignal) =>
    fetch(url, {
      method: 'POST',
      headers: { ...ACCEPT, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    })
  return {
    front,
    url,
    gateway,
    post: (body, headers = {}) => send(body, headers),
    modern(method, params = {}, { id = 1, meta = {}, headers = {}, signal } = {}) {
      const name = params['name'] ?? params['uri'] ?? params['taskId']
      const sent = { ...params, _meta: { ...MODERN_META, ...meta } }
      const named = typeof name === 'string' ? { 'mcp-name': name } : {}
      const own = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...named }
      // An empty value takes a header away.
      const kept = Object.entries({ ...own, ...headers }).filter(([, value]) => value !== '')
      return send({ jsonrpc: '2.0', id, method, params: sent }, Object.fromEntries(kept), signal)
    },
    async session(params = {}) {
      const given = {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 't', version: '1' },
      }
      const body = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { ...given, ...params } }
      const reply = await send(body, {})
      const id = reply.headers.get('mcp-session-id')
      if (id === null) throw new Error(`no session: ${await reply.text()}`)
      await reply.text()
      return { 'mcp-session-id': id }
    },
    async close() {
      gateway.close()
      await front.close(0)
    },
  }
}

/** The data of the events of a stream, parsed, as they come. */
export async function* events(reply: Response): AsyncGenerator<Record<string, unknown>> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const piece of reply.body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(piece, { stream: true })
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const line = block.split('\n').find((it) => it.startsWith('data: '))
      // An event without data only gives an id.
      if (line !== undefined && line !== 'data: ') yield JSON.parse(line.slice(6)) as Record<string, unknown>
    }
  }
}

/** The next event. */
export async function next(
  stream: AsyncGenerator<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const { value, done } = await stream.next()
  if (done === true) throw new Error('the stream ended')
  return value
}
