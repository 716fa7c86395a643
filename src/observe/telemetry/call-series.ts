import { type Call, methodOf } from '../../core/call.ts'
import type { Item } from '../../core/catalog.ts'
import type { Meter, Recorder, Series } from '../../core/meter.ts'
import type { Failure } from './failure.ts'
import { actionOf, knownMethod, operation, TOOL_ERROR, targetOf } from './methods.ts'
import { PerItem } from './per-item.ts'
import type { Target } from './target.ts'

/** The metrics of calls of all backends. */
export interface CallSeries {
  readonly requests: Series
  readonly errors: Series
  readonly durations: Series
  readonly operations: Series
}

export function callSeries(meter: Meter): CallSeries {
  return {
    requests: meter.counter({ name: 'toolhive_vmcp_backend_requests', description: 'Calls of backends.' }),
    errors: meter.counter({
      name: 'toolhive_vmcp_backend_errors',
      description: 'Calls of backends that failed; results that say that they are errors are not among them.',
    }),
    durations: meter.timing({
      name: 'toolhive_vmcp_backend_requests_duration',
      description: 'Time from the call of a backend to its answer.',
    }),
    operations: meter.timing({
      name: 'mcp.client.operation.duration',
      description: 'Time from an MCP request of a backend to its answer.',
    }),
  }
}

export interface CallFacts {
  readonly call: Call
  readonly item: Item
  /** The protocol version spoken with the backend. */
  readonly version: string | undefined
  readonly failure: Failure | undefined
}

interface Recorders {
  readonly version: string | undefined
  readonly label: string | undefined
  readonly request: Recorder
  readonly error: Recorder | undefined
  readonly duration: Recorder
  readonly operation: Recorder
}

/** Beyond it, a call has its attributes made anew. */
const MOST_VARIANTS = 8

/** Those of one backend, kept for each item as long as it is in the catalogue. */
export class CallRecorders {
  readonly #series: CallSeries
  readonly #target: Target
  readonly #variants = new PerItem((): Recorders[] => [])

  constructor(series: CallSeries, target: Target) {
    this.#series = series
    this.#target = target
  }

  record(facts: CallFacts, seconds: number): void {
    const { request, error, duration, operation: operated } = this.#recordersOf(facts)
    request(1)
    error?.(1)
    duration(seconds)
    operated(seconds)
  }

  #recordersOf(facts: CallFacts): Recorders {
    const { call, item, version, failure } = facts
    const label = failure?.label
    const variants = this.#variants.of(knownMethod(methodOf(call)), item)
    for (const it of variants) if (it.version === version && it.label === label) return it
    const made = { version, label, ...this.#make(facts) }
    if (variants.length >= MOST_VARIANTS) variants.pop()
    variants.unshift(made)
    return made
  }

  #make({ call, item, version, failure }: CallFacts): Omit<Recorders, 'version' | 'label'> {
    const { requests, errors, durations, operations } = this.#series
    const { attributes, network } = this.#target
    const method = knownMethod(methodOf(call))
    const target = targetOf(item, ({ origin }) => origin.name)
    const about = operation(method, item, target)
    const labels = {
      ...attributes,
      ...about,
      action: actionOf(call),
      tool_name: item.kind === 'tool' ? target : undefined,
      prompt_name: item.kind === 'prompt' ? target : undefined,
    }
    const failed = failure !== undefined && failure.label !== TOOL_ERROR
    return {
      request: requests(labels),
      error: failed ? errors(labels) : undefined,
      duration: durations(labels),
      operation: operations({
        ...about,
        ...network,
        'target.workload_name': attributes['target.workload_name'],
        'mcp.protocol.version': version,
        'error.type': failure?.label,
        'rpc.response.status_code': failure?.code,
      }),
    }
  }
}
