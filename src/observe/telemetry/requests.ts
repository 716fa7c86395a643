import type { Item } from '../../core/catalog.ts'
import type { Attributes, TraceContext } from '../../core/trace.ts'
import type { Ending, Seen, Sight, Source, Witness } from '../../core/witness.ts'
import type { Connections } from './connections.ts'
import { failureOf } from './failure.ts'
import { knownMethod, OTHER, operation, targetOf } from './methods.ts'
import { network } from './network.ts'
import { PerItem } from './per-item.ts'
import type { RequestSeries } from './request-series.ts'
import type { SharedPart } from './traces/encoder.ts'
import type { SharingSpan, SharingTracer } from './traces/tracer.ts'

export interface RequestsOptions {
  /** Name of this server. */
  readonly server: string
  /** Absent where no metrics are collected. */
  readonly series: RequestSeries | undefined
  readonly connections: Connections | undefined
  readonly tracer: SharingTracer | undefined
  readonly legacyAttributes: boolean
}

/** Counts, times and traces what clients ask. */
export function requestWitness(options: RequestsOptions): Witness {
  const { tracer } = options
  const tracing = tracer && {
    tracer,
    http: sharedParts(tracer, 'http', options),
    stdio: sharedParts(tracer, 'stdio', options),
  }
  const known = { ...options, tracing }
  // Streams are counted by the door. Answers to questions of backends belong to the call in which they were asked.
  return (seen) =>
    seen.kind === 'stream' || seen.kind === 'response' ? undefined : new RequestSight(seen, known)
}

interface Known extends RequestsOptions {
  readonly tracing: Tracing | undefined
}

/** With what spans of requests share, for each transport. */
interface Tracing extends Readonly<Record<Source['transport'], PerItem<SharedPart>>> {
  readonly tracer: SharingTracer
}

class RequestSight implements Sight {
  readonly #seen: Seen
  readonly #known: Known
  readonly #span: SharingSpan | undefined
  readonly #began = performance.now()
  #item: Item | undefined

  constructor(seen: Seen, known: Known) {
    this.#seen = seen
    this.#known = known
    const { tracing } = known
    if (tracing === undefined || seen.kind === 'other') return
    this.#span = begin(seen, tracing.tracer)
    seen.ref.trace = this.#span.context
  }

  found(item: Item): void {
    this.#item = item
  }

  end(ending: Ending): void {
    const failure = failureOf(ending)
    const seconds = (performance.now() - this.#began) / 1000
    const facts = { seen: this.#seen, item: this.#item, ending, failure }
    this.#known.series?.record(facts, seconds)
    const { caller } = ending
    if (this.#seen.method === 'initialize' && failure === undefined && caller !== undefined)
      this.#known.connections?.opened(caller, this.#seen.source)
    const span = this.#span
    if (span === undefined) return
    if (span.context.sampled) this.#describe(span, ending)
    span.end(failure)
  }

  #describe(span: SharingSpan, ending: Ending): void {
    const { method, source } = this.#seen
    const shared = this.#known.tracing?.[source.transport].of(knownMethod(method), this.#item)
    if (shared !== undefined) span.share(shared)
    span.set(this.#rest(ending))
  }

  #rest({ caller, error, status }: Ending): Attributes {
    const { source, params, method } = this.#seen
    const uri =
      this.#item?.kind === 'resource' || this.#item?.kind === 'template' ? params?.value('uri') : undefined
    const name = caller?.client['name']
    return {
      'mcp.protocol.version': caller?.version,
      'mcp.session.id': caller?.session,
      'mcp.method.name': knownMethod(method) === OTHER ? method : undefined,
      'jsonrpc.request.id': idOf(this.#seen),
      'mcp.client.name': typeof name === 'string' ? name : undefined,
      'mcp.resource.uri': typeof uri === 'string' ? uri : undefined,
      'rpc.response.status_code': error && String(error.code),
      'http.response.status_code': status,
      'client.address': source.address,
      'user_agent.original': headerOf(source, 'user-agent'),
    }
  }
}

/** `_meta` says what a request is a part of; a header says it of the HTTP request that brought it (SEP-414). */
function begin(seen: Seen, tracer: SharingTracer): SharingSpan {
  const { method, source } = seen
  const carried = contextIn(seen, tracer)
  const traceparent = headerOf(source, 'traceparent')
  const ambient =
    traceparent === undefined ? undefined : tracer.read(traceparent, headerOf(source, 'tracestate'))
  const parent = carried ?? ambient
  const link = carried === undefined || ambient?.spanId === carried.spanId ? undefined : ambient
  return tracer.begin({ name: knownMethod(method), kind: 'server', parent, link })
}

function contextIn({ meta }: Seen, tracer: SharingTracer): TraceContext | undefined {
  const traceparent = stringIn(meta?.['traceparent'])
  return traceparent === undefined ? undefined : tracer.read(traceparent, stringIn(meta?.['tracestate']))
}

function stringIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

const LONGEST_ID = 128

/** The id of a request without its quotes. Where it is cut, it is copied: a part of a text keeps the whole of it. */
function idOf({ rpcId }: Seen): string | undefined {
  const id = rpcId?.startsWith('"') ? String(JSON.parse(rpcId)) : rpcId
  if (id === undefined || id.length <= LONGEST_ID) return id
  return Buffer.from(id.slice(0, LONGEST_ID)).toString()
}

function headerOf({ headers }: Source, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.join(',')
}

const OLDER_STDIO: Attributes = { 'rpc.service': 'mcp', 'mcp.transport': 'stdio' }
const OLDER_HTTP: Attributes = { 'rpc.service': 'mcp', 'mcp.transport': 'streamable-http' }

function sharedParts(
  tracer: SharingTracer,
  transport: Source['transport'],
  { server, legacyAttributes }: RequestsOptions,
): PerItem<SharedPart> {
  const older = transport === 'stdio' ? OLDER_STDIO : OLDER_HTTP
  return new PerItem((method, item) => {
    const target = targetOf(item, ({ name }) => name)
    return tracer.share(target === undefined ? method : `${method} ${target}`, {
      ...operation(method, item, target),
      'mcp.method.name': method === OTHER ? undefined : method,
      'mcp.server.name': server,
      'rpc.system.name': 'jsonrpc',
      ...network(transport),
      ...(legacyAttributes && older),
    })
  })
}
