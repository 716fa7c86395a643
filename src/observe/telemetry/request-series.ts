import type { Item } from '../../core/catalog.ts'
import type { Meter, Recorder, Series } from '../../core/meter.ts'
import type { Ending, Seen, Source } from '../../core/witness.ts'
import type { Failure } from './failure.ts'
import { knownMethod, operation, targetOf } from './methods.ts'
import { network } from './network.ts'
import { PerItem } from './per-item.ts'

export interface RequestFacts {
  readonly seen: Seen
  readonly item: Item | undefined
  readonly ending: Ending
  readonly failure: Failure | undefined
}

/** What is recorded of requests that have the same attributes. */
interface Recorders {
  readonly transport: Source['transport']
  readonly version: string | undefined
  readonly status: number | undefined
  readonly label: string | undefined
  readonly all: readonly { readonly record: Recorder; readonly timed: boolean }[]
}

/** Of one method and item, those made last first: mostly there is one. Beyond it, attributes are made anew. */
const MOST_VARIANTS = 8

/** The metrics of requests. */
export class RequestSeries {
  readonly #server: string
  readonly #requests: Series
  readonly #durations: Series
  readonly #operations: Series
  readonly #tools: Series
  readonly #variants = new PerItem((): Recorders[] => [])

  constructor(meter: Meter, server: string) {
    this.#server = server
    this.#requests = meter.counter({
      name: 'toolhive_mcp_requests',
      description: 'Requests and notifications of clients, and HTTP requests that were refused.',
    })
    this.#durations = meter.timing({
      name: 'toolhive_mcp_request_duration',
      description: 'Time from the arrival of a request to its reply.',
    })
    this.#operations = meter.timing({
      name: 'mcp.server.operation.duration',
      description: 'Time from the arrival of an MCP request or notification to its reply.',
    })
    this.#tools = meter.counter({ name: 'toolhive_mcp_tool_calls', description: 'Tool calls of clients.' })
  }

  record(facts: RequestFacts, seconds: number): void {
    for (const { record, timed } of this.#recordersOf(facts).all) record(timed ? seconds : 1)
  }

  #recordersOf(facts: RequestFacts): Recorders {
    const { ending, failure, seen, item } = facts
    const variants = this.#variants.of(seen.kind === 'other' ? seen.method : knownMethod(seen.method), item)
    const { transport } = seen.source
    const { status } = ending
    const version = ending.caller?.version
    const label = failure?.label
    for (const it of variants) {
      const same = it.label === label && it.status === status && it.version === version
      if (same && it.transport === transport) return it
    }
    const made = { transport, version, status, label, all: this.#make(facts) }
    if (variants.length >= MOST_VARIANTS) variants.pop()
    variants.unshift(made)
    return made
  }

  #make({ seen, item, ending, failure }: RequestFacts): Recorders['all'] {
    const message = seen.kind !== 'other'
    const method = message ? knownMethod(seen.method) : undefined
    const target = targetOf(item, ({ name }) => name)
    const { transport, httpMethod } = seen.source
    const status = failure === undefined ? 'success' : 'error'
    const attributes = {
      method: httpMethod,
      status_code: ending.status === undefined ? undefined : String(ending.status),
      status,
      mcp_method: method,
      mcp_resource_id: target,
      server: this.#server,
      transport: transport === 'stdio' ? 'stdio' : 'streamable-http',
    }
    const all = [
      { record: this.#requests(attributes), timed: false },
      { record: this.#durations(attributes), timed: true },
    ]
    if (method === undefined) return all
    const operations = this.#operations({
      ...operation(method, item, target),
      ...network(transport),
      'mcp.protocol.version': ending.caller?.version,
      'error.type': failure?.label,
      'rpc.response.status_code': failure?.code,
    })
    all.push({ record: operations, timed: true })
    if (method === 'tools/call')
      all.push({ record: this.#tools({ server: this.#server, tool: target ?? '', status }), timed: false })
    return all
  }
}
