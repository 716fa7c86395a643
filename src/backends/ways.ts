import type { Call, Exchange, Result } from '../core/call.ts'
import type { Caller, Era } from '../core/caller.ts'
import type { BackendConfig } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { News } from '../core/gateway.ts'
import type { BackendRequest } from '../core/ports.ts'
import { type Bounds, inTime } from './cancelled.ts'
import type { Dialer } from './dialer.ts'
import type { BackendOptions, Home } from './home.ts'
import { Leases } from './leases.ts'
import type { Connection } from './mcp/connection.ts'
import { Failure } from './mcp/failure.ts'
import type { Limits } from './mcp/limits.ts'
import { canBeAsked } from './mcp/meta.ts'
import type { Opened, OwnLists } from './own-lists.ts'
import type { Personal } from './personal/personal.ts'
import { notInTime, type SessionEvents, Sessions } from './sessions.ts'
import { Standing } from './standing.ts'

const ASKING: ReadonlySet<Call['kind']> = new Set<Call['kind']>(['tool', 'prompt', 'resource'])

export interface WaysOptions {
  readonly config: BackendConfig
  readonly dialer: Dialer
  readonly limits: Limits
  readonly home: Home
  /** Where credentials are the callers'. */
  readonly personal: Personal | undefined
  /** Where sessions may be shown something of their own. */
  readonly own: OwnLists | undefined
  readonly aside: BackendOptions['aside']
}

export function isSubscription(call: Call): boolean {
  return call.kind === 'subscription' || (call.kind === 'task' && call.method === 'subscriptions/listen')
}

/** The connections to one server, and which of them a call goes over. */
export class Ways {
  readonly #options: WaysOptions
  readonly #home: Home
  readonly #personal: Personal | undefined
  readonly #sessions: Sessions
  readonly #leases: Leases

  constructor(options: WaysOptions) {
    this.#options = options
    const { config, dialer, limits, home, personal, aside } = options
    this.#home = home
    this.#personal = personal
    const { name, transport } = config
    const events: SessionEvents = {
      changed: (...of) => this.#onChanged(...of),
      ended: (session) => options.own?.forget(session),
      aside,
    }
    const sessions = { name, transport, dialer, limits, terms: config, events }
    this.#sessions = new Sessions(sessions)
    this.#leases = new Leases(sessions)
  }

  get connections(): number {
    const home = this.#home.connection === undefined ? 0 : 1
    return home + this.#sessions.size + this.#leases.size + (this.#personal?.connections ?? 0)
  }

  /** In progress, subscriptions apart. */
  get calls(): number {
    const own = this.#sessions.calls + this.#leases.calls + (this.#personal?.calls ?? 0)
    return (this.#home.connection?.calls ?? 0) + own
  }

  /**
   * Makes a call.
   * @param began when its time began to run, by `performance.now()`
   * @param patient whether it may wait for a connection that is to be made anew
   * @throws GatewayError
   */
  async run(request: BackendRequest, exchange: Exchange, began: number, patient: boolean): Promise<Result> {
    const { call, caller } = request
    if (isSubscription(call)) {
      this.hold(caller, exchange.signal)
      const connect = () => this.connect(caller, exchange.signal)
      const { name, timeoutMs } = this.#options.config
      const ground = { name, timeoutMs, connect, isOver: () => this.#home.closed }
      return new Standing(request, exchange, ground).begin()
    }
    const until = began + this.#options.config.timeoutMs
    if (this.#mayBeAsked(request)) {
      // The signal is made when it is asked for, which costs more than the rest of this.
      if (this.#home.connection === undefined) await this.#common(caller, exchange.signal, until)
      if (this.#era === 'legacy') return this.#leases.run({ request, exchange, began })
    }
    const connection = this.#ready(caller) ?? (await this.connect(caller, exchange.signal, began))
    try {
      return await connection.run(request, exchange, began)
    } catch (error) {
      // The connection was gone before the request left, so that sending it again cannot execute it twice.
      if (Failure.of(error)?.kind !== 'unsent') throw error
      if (this.#options.config.transport !== 'stdio') this.#home.doubt(GatewayError.from(error))
      if (!patient) throw error
    }
    return (await this.connect(caller, exchange.signal, began)).run(request, exchange, began)
  }

  /** The connection for this caller. @throws GatewayError */
  async connect(caller: Caller, signal: AbortSignal, began: number = performance.now()): Promise<Connection> {
    const until = began + this.#options.config.timeoutMs
    // Also tells whether it is a backend that wants a connection per session.
    const common = await this.#common(caller, signal, until)
    const session = this.#ownSession(caller)
    if (session === undefined) return common
    try {
      return await inTime(this.#sessions.open(session, caller), this.#boundsOf(signal, until))
    } catch (error) {
      if (!Failure.of(error)?.isRefusal) throw error
      return this.#connectAnew(GatewayError.from(error), signal, until)
    }
  }

  /** Keeps the connection on which a subscription is to stand, until the signal fires. */
  hold(caller: Caller, signal: AbortSignal): void {
    this.#ready(caller)
    if (this.#ownSession(caller) === undefined) this.#personal?.follow(caller, signal)
  }

  tell(session: string, news: News): void {
    this.#sessions.tell(session, news)
  }

  release(session: string): void {
    this.#sessions.release(session)
  }

  async close(): Promise<void> {
    const all = [this.#home, this.#sessions, this.#leases, this.#personal]
    await Promise.all(all.map((it) => it?.close()))
    await this.#options.dialer.close()
  }

  #ready(caller: Caller): Connection | undefined {
    const session = this.#ownSession(caller)
    if (session !== undefined) return this.#sessions.ready(session, caller)
    return this.#personal === undefined ? this.#home.connection : this.#personal.ready(caller)
  }

  /** For callers without a session of their own: the home connection, or, with their credentials, one of their own. */
  async #common(caller: Caller, signal: AbortSignal, until: number): Promise<Connection> {
    if (this.#personal === undefined) return this.#home.whenConnected(signal, until)
    await this.#home.whenThere(signal, until)
    return inTime(this.#personal.connect(caller), this.#boundsOf(signal, until))
  }

  #boundsOf(signal: AbortSignal, until: number): Bounds {
    const { name, timeoutMs } = this.#options.config
    return { signal, ms: until - performance.now(), late: () => notInTime(name, timeoutMs) }
  }

  get #era(): Era | undefined {
    return this.#home.era ?? this.#personal?.era
  }

  /** Whether for all, or for that session alone, is to be seen. */
  #onChanged(caller: Caller, session: string, opened: Opened | undefined): void {
    if (this.#personal === undefined) this.#home.refresh()
    else this.#personal.doubt(caller)
    if (opened !== undefined) this.#options.own?.doubt(session, opened)
  }

  /** The server refuses to begin a session: it may have been replaced by one of the other era. */
  async #connectAnew(refusal: GatewayError, signal: AbortSignal, until: number): Promise<Connection> {
    this.#home.doubt(refusal)
    if (this.#personal !== undefined) throw refusal
    const home = await this.#home.whenConnected(signal, until)
    if (this.#home.era === 'legacy') throw refusal
    return home
  }

  /** What a legacy server asks of a modern client, it asks in the course of such calls. */
  #mayBeAsked({ caller, call }: BackendRequest): boolean {
    if (caller.era === 'legacy' || this.#era === 'modern' || !canBeAsked(caller.capabilities)) return false
    return this.#options.config.connection === 'session' && ASKING.has(call.kind)
  }

  /** Only a legacy server can keep something for a client, and only for a client that has a session. */
  #ownSession(caller: Caller): string | undefined {
    if (caller.era === 'modern' || this.#options.config.connection === 'shared') return undefined
    return this.#era === 'legacy' ? caller.session : undefined
  }
}
