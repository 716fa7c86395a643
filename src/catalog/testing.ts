import { onAbort } from '../core/abort.ts'
import type { Exchange, Result } from '../core/call.ts'
import type { JsonObject } from '../core/catalog.ts'
import { GatewayError } from '../core/errors.ts'
import type { Change } from '../core/gateway.ts'
import type {
  Backend,
  BackendHealth,
  BackendRequest,
  BackendState,
  Backends,
  ClientSessions,
  Freshnesses,
  HealthStatus,
  Offer,
  ReadyState,
  ServerFacts,
} from '../core/ports.ts'
import { RawObject } from '../core/raw.ts'
import { Topic } from '../core/topic.ts'

/** Backends in memory, whose states are set by hand. */
export class MemoryBackends implements Backends {
  readonly all: readonly MemoryBackend[]
  readonly ears = new Map<string, (change: Change) => void>()
  readonly sessions: ClientSessions = {
    hear: (session, listener) => {
      this.ears.set(session, listener)
      return () => this.ears.delete(session)
    },
    tell() {},
    release() {},
  }
  readonly #topic = new Topic<string>((name) => name)

  constructor(...names: string[]) {
    this.all = names.map((name) => new MemoryBackend(name, () => this.#topic.publish(name)))
  }

  at(name: string): MemoryBackend {
    const backend = this.all.find((it) => it.name === name)
    if (backend === undefined) throw new Error(`no backend ${name}`)
    return backend
  }

  watch(signal: AbortSignal): AsyncIterable<string> {
    return this.#topic.subscribe(signal)
  }

  async close(): Promise<void> {
    this.#topic.close()
  }
}

const UNKNOWN: BackendHealth = {
  status: 'unknown',
  failures: 0,
  checkedAt: undefined,
  changedAt: undefined,
  error: undefined,
  breaker: undefined,
}

export class MemoryBackend implements Backend {
  readonly name: string
  readonly transport = 'stdio'
  readonly lateReplies = 0
  readonly connections = 0
  readonly running = 0
  readonly queued = 0
  readonly calls: BackendRequest[] = []
  /** What calls are answered with. */
  answer: Result | GatewayError = { type: 'complete', body: RawObject.of({ content: [] }) }
  health: BackendHealth = UNKNOWN
  readonly #changed: () => void
  #state: BackendState = { status: 'connecting' }

  constructor(name: string, changed: () => void) {
    this.name = name
    this.#changed = changed
  }

  get state(): BackendState {
    return this.#state
  }

  offers(offer: Partial<Offer>, server: Partial<ServerFacts> = {}): void {
    this.#replace(ready(offer, server))
  }

  /** As `offers`, of a server that says how long its lists are good. */
  offersFor(freshness: Freshnesses, offer: Partial<Offer>): void {
    this.#replace({ ...ready(offer), freshness })
  }

  /** The same offer is found to be fresh again. */
  renews(freshness: Freshnesses): void {
    if (this.#state.status === 'ready') this.#replace({ ...this.#state, freshness })
  }

  fails(message: string): void {
    const last = this.#state.status === 'ready' ? this.#state : undefined
    this.#replace({ status: 'failed', error: new GatewayError('unavailable', message), last })
  }

  /** Checks have found this out. */
  is(status: HealthStatus): void {
    this.health = { ...this.health, status }
    this.#changed()
  }

  async run(request: BackendRequest, _: Exchange): Promise<Result> {
    this.calls.push(request)
    if (this.answer instanceof GatewayError) throw this.answer
    return this.answer
  }

  #replace(state: BackendState): void {
    this.#state = state
    this.#changed()
  }
}

export function ready(offer: Partial<Offer>, facts: Partial<ServerFacts> = {}): ReadyState {
  const server: ServerFacts = {
    era: 'modern',
    version: '2026-07-28',
    info: {},
    capabilities: {},
    instructions: undefined,
    ...facts,
  }
  return {
    status: 'ready',
    offer: { tools: [], prompts: [], resources: [], templates: [], ...offer },
    freshness: {},
    server,
  }
}

export const tools = (...names: string[]): { tools: JsonObject[] } => ({
  tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })),
})

/** An exchange of a client that answers nothing. */
export function exchange(): Exchange {
  const { signal } = new AbortController()
  return {
    signal,
    onAbort: (listener) => onAbort(signal, listener),
    takesInputRequired: false,
    notify() {},
    ask: () => Promise.reject(new GatewayError('capability_required', 'nobody answers')),
  }
}
