import type { Call, Exchange, Result } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import { GatewayError } from '../core/errors.ts'
import type { News } from '../core/gateway.ts'
import type { Backend, BackendRequest, BackendState, TransportType } from '../core/ports.ts'
import { orCancelled } from './cancelled.ts'
import type { BackendOptions } from './home.ts'
import { Home } from './home.ts'
import { Leases } from './leases.ts'
import type { Connection } from './mcp/connection.ts'
import { Failure } from './mcp/failure.ts'
import { canBeAsked } from './mcp/meta.ts'
import { Sessions } from './sessions.ts'
import { Standing } from './standing.ts'

const ASKING: ReadonlySet<Call['kind']> = new Set<Call['kind']>(['tool', 'prompt', 'resource'])

function isSubscription(call: Call): boolean {
  return call.kind === 'subscription' || (call.kind === 'task' && call.method === 'subscriptions/listen')
}

/** One backend: its home connection, and the connections of the client sessions. */
export class ConnectedBackend implements Backend {
  readonly name: string
  readonly transport: TransportType
  readonly #options: BackendOptions
  readonly #home: Home
  readonly #sessions: Sessions
  readonly #leases: Leases

  constructor(options: BackendOptions) {
    this.#options = options
    const { config, dialer, limits } = options
    const { name, transport } = config
    this.name = name
    this.transport = transport
    this.#home = new Home(options)
    const events = { changed: () => this.#home.refresh(), aside: options.aside }
    const sessions = { name, transport, dialer, connectMs: limits.connectMs, events }
    this.#sessions = new Sessions(sessions)
    this.#leases = new Leases(sessions)
  }

  get state(): BackendState {
    return this.#home.state
  }

  get lateReplies(): number {
    return this.#options.dialer.lateReplies
  }

  get connections(): number {
    const home = this.#home.connection === undefined ? 0 : 1
    return home + this.#sessions.size + this.#leases.size
  }

  /** In progress, subscriptions apart. */
  get calls(): number {
    return (this.#home.connection?.calls ?? 0) + this.#sessions.calls + this.#leases.calls
  }

  async run(request: BackendRequest, exchange: Exchange): Promise<Result> {
    if (isSubscription(request.call)) {
      const connect = () => this.#connect(request.caller, exchange.signal)
      return new Standing(request, exchange, { connect, isOver: () => this.#home.closed }).begin()
    }
    if (this.#mayBeAsked(request)) {
      // The signal is made when it is asked for, which costs more than the rest of this.
      if (this.#home.connection === undefined) await this.#home.whenConnected(exchange.signal)
      if (this.#home.era === 'legacy') return this.#leases.run(request, exchange)
    }
    const connection = this.#ready(request.caller) ?? (await this.#connect(request.caller, exchange.signal))
    try {
      return await connection.run(request, exchange)
    } catch (error) {
      // The connection was gone before the request left, so that sending it again cannot execute it twice.
      if (Failure.of(error)?.kind !== 'unsent') throw error
      if (this.transport !== 'stdio') this.#home.doubt(GatewayError.from(error))
    }
    return (await this.#connect(request.caller, exchange.signal)).run(request, exchange)
  }

  tell(session: string, news: News): void {
    this.#sessions.tell(session, news)
  }

  release(session: string): void {
    this.#sessions.release(session)
  }

  async close(): Promise<void> {
    await Promise.all([this.#home.close(), this.#sessions.close(), this.#leases.close()])
    await this.#options.dialer.close()
  }

  #ready(caller: Caller): Connection | undefined {
    const session = this.#ownSession(caller)
    return session === undefined ? this.#home.connection : this.#sessions.ready(session)
  }

  async #connect(caller: Caller, signal: AbortSignal): Promise<Connection> {
    // Also tells whether it is a backend that wants a connection per session.
    const home = await this.#home.whenConnected(signal)
    const session = this.#ownSession(caller)
    if (session === undefined) return home
    try {
      return await orCancelled(this.#sessions.open(session, caller), signal)
    } catch (error) {
      if (!Failure.of(error)?.isRefusal) throw error
      return this.#connectAnew(GatewayError.from(error), signal)
    }
  }

  /** The server refuses to begin a session: it may have been replaced by one of the other era. */
  async #connectAnew(refusal: GatewayError, signal: AbortSignal): Promise<Connection> {
    this.#home.doubt(refusal)
    const home = await this.#home.whenConnected(signal)
    if (this.#home.era === 'legacy') throw refusal
    return home
  }

  /** What a legacy server asks of a modern client, it asks in the course of such calls. */
  #mayBeAsked({ caller, call }: BackendRequest): boolean {
    if (caller.era === 'legacy' || this.#home.era === 'modern' || !canBeAsked(caller.capabilities))
      return false
    return this.#options.config.connection === 'session' && ASKING.has(call.kind)
  }

  /** Only a legacy server can keep something for a client, and only for a client that has a session. */
  #ownSession(caller: Caller): string | undefined {
    if (caller.era === 'modern' || this.#options.config.connection === 'shared') return undefined
    return this.#home.era === 'legacy' ? caller.session : undefined
  }
}
