import { onAbort } from '../../core/abort.ts'
import type { Ask, Call, Exchange, Notice, Result } from '../../core/call.ts'
import { ANONYMOUS, type Caller } from '../../core/caller.ts'
import {
  type Catalog,
  type Dropped,
  type JsonObject,
  type ToolItem,
  UNCACHEABLE,
} from '../../core/catalog.ts'
import type { CompositeStep, CompositeToolConfig } from '../../core/composite.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Gateway } from '../../core/gateway.ts'
import { notFound } from '../../core/layer.ts'
import { type Log, silent } from '../../core/log.ts'
import { RawObject } from '../../core/raw.ts'
import { composition } from './index.ts'

/** For tests: a tool that is a function. */
export interface TestTool {
  readonly item: ToolItem
  run(args: JsonObject, exchange: Exchange): unknown
}

/** Named as the prefix strategy would: `b.own` is advertised as `b_own`. */
export function testTool(
  place: `${string}.${string}`,
  run: TestTool['run'] = (args) => ({ structuredContent: args }),
  more: { readonly definition?: JsonObject; readonly hidden?: boolean; readonly name?: string } = {},
): TestTool {
  const [backend = '', own = ''] = place.split('.')
  const name = more.name ?? `${backend}_${own}`
  const definition = { name, inputSchema: { type: 'object' }, ...more.definition }
  const item = {
    kind: 'tool',
    name,
    origin: { backend, name: own },
    definition,
    hidden: more.hidden === true,
  } as const
  return { item, run }
}

/** A gateway over these tools, which can be replaced. What it was asked is kept. */
export class TestGateway implements Gateway {
  readonly asked: { readonly caller: Caller; readonly call: Call }[] = []
  #tools: readonly TestTool[] = []
  #catalog: Catalog = catalogOf([])

  constructor(...tools: TestTool[]) {
    this.offer(tools)
  }

  offer(tools: readonly TestTool[], dropped: readonly Dropped[] = []): void {
    this.#tools = tools
    this.#catalog = catalogOf(
      tools.map(({ item }) => item),
      dropped,
    )
  }

  async list(): Promise<Catalog> {
    return this.#catalog
  }

  async resolve(caller: Caller, call: Call) {
    this.asked.push({ caller, call })
    const tool = this.#tools.find(({ item }) => call.kind === 'tool' && item.name === call.name)
    if (tool === undefined) throw notFound(call)
    const args = (call.params.value('arguments') ?? {}) as JsonObject
    return { item: tool.item, run: async (exchange: Exchange) => resultOf(await tool.run(args, exchange)) }
  }

  async *watch() {
    yield { kind: 'tools' } as const
  }
}

function catalogOf(tools: readonly ToolItem[], dropped: readonly Dropped[] = []): Catalog {
  const sorted = [...tools].sort((a, b) => (a.name < b.name ? -1 : 1))
  return { tools: sorted, prompts: [], resources: [], templates: [], dropped, caching: () => UNCACHEABLE }
}

function resultOf(said: unknown): Result {
  const { type = 'complete', ...body } = said as { type?: string }
  return { type, body: RawObject.of({ content: [], ...body }) }
}

export const CALLER: Caller = {
  principal: { ...ANONYMOUS, subject: 'ada' },
  era: 'legacy',
  version: '2025-11-25',
  session: 's1',
  client: {},
  capabilities: { elicitation: {} },
  logLevel: undefined,
  headers: {},
}

/** A client that keeps what it is told, and answers with `answer`. */
export class TestExchange implements Exchange {
  readonly progressed: JsonObject[] = []
  readonly logged: JsonObject[] = []
  readonly asks: Ask[] = []
  readonly signal: AbortSignal
  readonly takesInputRequired = false
  readonly #answer: (ask: Ask, count: number) => JsonObject | Promise<JsonObject>

  constructor(
    answer: (ask: Ask, count: number) => JsonObject | Promise<JsonObject> = () => {
      throw new GatewayError('capability_required', 'nobody answers')
    },
    signal: AbortSignal = new AbortController().signal,
  ) {
    this.#answer = answer
    this.signal = signal
  }

  onAbort(listener: () => void): () => void {
    return onAbort(this.signal, listener)
  }

  notify({ method, params }: Notice): void {
    if (method === 'notifications/progress') this.progressed.push(params.parse())
    else this.logged.push(params.parse())
  }

  async ask(ask: Ask): Promise<RawObject> {
    this.asks.push(ask)
    return RawObject.of(await this.#answer(ask, this.asks.length))
  }
}

export function composite(
  name: string,
  steps: readonly CompositeStep[],
  more: Partial<CompositeToolConfig> = {},
): CompositeToolConfig {
  return { name, description: `The composite ${name}`, steps, ...more }
}

/** A step that calls `tool`. */
export function step(id: string, tool: string, more: object = {}): CompositeStep {
  return { type: 'tool', id, tool, ...more }
}

/** The result of a call of a tool by name, as an object. */
export async function call(
  gateway: Gateway,
  name: string,
  { args = {}, exchange = new TestExchange() }: { args?: JsonObject; exchange?: Exchange } = {},
): Promise<JsonObject> {
  const params = RawObject.of({ name, arguments: args, _meta: { progressToken: 1 } })
  const resolved = await gateway.resolve(CALLER, { kind: 'tool', name, params }, exchange.signal)
  return (await resolved.run(exchange)).body.parse()
}

interface RunOptions extends Partial<CompositeToolConfig> {
  readonly args?: JsonObject
  readonly exchange?: TestExchange
  readonly log?: Log
}

/** Runs a composite tool of these steps over these tools. */
export async function run(
  steps: readonly CompositeStep[],
  tools: readonly TestTool[],
  more: RunOptions = {},
) {
  const { args = {}, exchange = new TestExchange(), log = silent, ...config } = more
  const inner = new TestGateway(...tools)
  const gateway = composition([composite('m', steps, config)], { log })(inner)
  const body = await call(gateway, 'm', { args, exchange })
  const { content, isError, structuredContent, _meta } = body as {
    content: { text: string }[]
    isError?: boolean
    structuredContent?: JsonObject
    _meta?: Record<string, { status: string; cutShortBy?: string; steps: JsonObject[] }>
  }
  const report = _meta?.['dev.vmcp/report']
  return {
    text: content[0]?.text,
    isError,
    structured: structuredContent,
    report,
    exchange,
    asked: inner.asked,
  }
}
