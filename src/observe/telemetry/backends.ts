import { type Exchange, methodOf, type Result } from '../../core/call.ts'
import type { BackendConfig } from '../../core/config.ts'
import type {
  Backend,
  BackendHealth,
  BackendRequest,
  BackendState,
  Backends,
  TransportType,
  Views,
} from '../../core/ports.ts'
import { UNTRACED } from '../../core/trace.ts'
import { CallRecorders, type CallSeries } from './call-series.ts'
import { type Failure, failureIn, failureInResult } from './failure.ts'
import { actionOf, knownMethod, OTHER, operation, targetOf } from './methods.ts'
import { PerItem } from './per-item.ts'
import { type Target, targetFor } from './target.ts'
import { traceOf } from './trace-of.ts'
import type { SharedPart } from './traces/encoder.ts'
import type { SharingSpan, SharingTracer } from './traces/tracer.ts'

export interface BackendsOptions {
  readonly series: CallSeries | undefined
  readonly tracer: SharingTracer | undefined
}

/** The same backends, whose calls are counted, timed and traced. */
export function observeBackends(
  backends: Omit<Backends, 'close'>,
  configs: readonly BackendConfig[],
  options: BackendsOptions,
): Omit<Backends, 'close'> {
  const byName = new Map(configs.map((config) => [config.name, config]))
  const observe = (backend: Backend) =>
    new ObservedBackend(backend, { ...options, target: targetFor(backend, byName.get(backend.name)) })
  const { all, sessions } = backends
  return { all: all.map(observe), watch: (signal) => backends.watch(signal), sessions }
}

type Known = BackendsOptions & { readonly target: Target }

class ObservedBackend implements Backend {
  readonly name: string
  readonly transport: TransportType
  readonly #inner: Backend
  readonly #known: Known
  readonly #recorders: CallRecorders | undefined
  readonly #shared: PerItem<SharedPart> | undefined

  constructor(inner: Backend, known: Known) {
    this.name = inner.name
    this.transport = inner.transport
    this.#inner = inner
    this.#known = known
    this.#recorders = known.series && new CallRecorders(known.series, known.target)
    this.#shared = known.tracer && sharedParts(known.tracer, known.target)
  }

  get state(): BackendState {
    return this.#inner.state
  }

  get views(): Views | undefined {
    return this.#inner.views
  }

  get lateReplies(): number {
    return this.#inner.lateReplies
  }

  get health(): BackendHealth {
    return this.#inner.health
  }

  get running(): number {
    return this.#inner.running
  }

  get queued(): number {
    return this.#inner.queued
  }

  get connections(): number {
    return this.#inner.connections
  }

  async run(request: BackendRequest, exchange: Exchange): Promise<Result> {
    const { tracer } = this.#known
    const { call } = request
    const span = tracer?.begin({ name: methodOf(call), kind: 'client', parent: traceOf(exchange.ref) })
    const began = performance.now()
    try {
      const result = await this.#inner.run(traced(request, span), exchange)
      this.#end(request, { span, began, failure: failureInResult(result) })
      return result
    } catch (error) {
      this.#end(request, { span, began, failure: failureIn(error) })
      throw error
    }
  }

  #end(request: BackendRequest, { span, began, failure }: Course): void {
    const seconds = (performance.now() - began) / 1000
    const version = versionOf(this.#inner.state)
    this.#recorders?.record({ call: request.call, item: request.item, version, failure }, seconds)
    if (span === undefined) return
    if (span.context.sampled) this.#describe(span, request, version)
    span.end(failure)
  }

  #describe(span: SharingSpan, { call, item }: BackendRequest, version: string | undefined): void {
    const method = methodOf(call)
    const known = knownMethod(method)
    const shared = this.#shared?.of(known, item)
    const uri = call.kind === 'resource' || call.kind === 'subscription' ? call.uri : undefined
    if (shared !== undefined) span.share(shared)
    span.set({
      action: actionOf(call),
      'mcp.method.name': known === OTHER ? method : undefined,
      resource_uri: uri,
      'mcp.resource.uri': uri,
      'mcp.protocol.version': version,
      'mcp.protocol.revision': version,
    })
  }
}

function sharedParts(tracer: SharingTracer, { attributes, network }: Target): PerItem<SharedPart> {
  return new PerItem((method, item) => {
    const target = targetOf(item, ({ origin }) => origin.name)
    return tracer.share(target === undefined ? method : `${method} ${target}`, {
      ...operation(method, item, target),
      'mcp.method.name': method === OTHER ? undefined : method,
      ...attributes,
      ...network,
      tool_name: item?.kind === 'tool' ? target : undefined,
      prompt_name: item?.kind === 'prompt' ? target : undefined,
    })
  })
}

/** Spelled out: on Node 20 a literal with a spread takes a microsecond more. */
function traced(request: BackendRequest, span: SharingSpan | undefined): BackendRequest {
  if (span === undefined || span.context === UNTRACED) return request
  const { caller, call, item } = request
  return { caller, call, item, trace: span.context }
}

interface Course {
  readonly span: SharingSpan | undefined
  readonly began: number
  readonly failure: Failure | undefined
}

function versionOf(state: BackendState): string | undefined {
  return state.status === 'ready' ? state.server.version : undefined
}
