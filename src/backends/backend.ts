import { Brief } from '../core/brief.ts'
import { type Call, type Exchange, methodOf, type Result } from '../core/call.ts'
import type { Caller, Era } from '../core/caller.ts'
import { DEFAULT_RESILIENCE } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { ListChange, News } from '../core/gateway.ts'
import type {
  Backend,
  BackendHealth,
  BackendRequest,
  BackendState,
  SessionViews,
  TransportType,
  Views,
} from '../core/ports.ts'
import { lastReady } from '../core/ports.ts'
import { type Bounds, inTime } from './cancelled.ts'
import { Guard } from './guard.ts'
import type { BackendOptions } from './home.ts'
import { Home } from './home.ts'
import { Leases } from './leases.ts'
import type { Connection } from './mcp/connection.ts'
import { Failure } from './mcp/failure.ts'
import { canBeAsked } from './mcp/meta.ts'
import { Monitor } from './monitor.ts'
import { outcomeOf, wantsCredentials } from './outcome.ts'
import { OwnLists } from './own-lists.ts'
import { Personal } from './personal/personal.ts'
import { notInTime, type SessionEvents, Sessions } from './sessions.ts'
import { Standing } from './standing.ts'
import { Vitals } from './vitals.ts'

const ASKING: ReadonlySet<Call['kind']> = new Set<Call['kind']>(['tool', 'prompt', 'resource'])

/** A backend as those who keep it see it. */
export interface ManagedBackend extends Backend {
  /** In progress, subscriptions apart, and those that wait for their connection included. */
  readonly calls: number
  tell(session: string, news: News): void
  /** Closes what the session holds. */
  release(session: string): void
  close(): Promise<void>
}

export function isSubscription(call: Call): boolean {
  return call.kind === 'subscription' || (call.kind === 'task' && call.method === 'subscriptions/listen')
}

/** One server: its home connection, the connections of the client sessions, and how it does. */
export class ConnectedBackend implements ManagedBackend {
  readonly name: string
  readonly transport: TransportType
  readonly #brief: Brief
  readonly #options: BackendOptions
  readonly #home: Home
  /** Where credentials are the callers'. */
  readonly #personal: Personal | undefined
  /** Where sessions have connections of their own, to a server that otherwise shows the same to everybody. */
  readonly #own: OwnLists | undefined
  readonly #sessions: Sessions
  readonly #leases: Leases
  readonly #vitals: Vitals
  readonly #monitor: Monitor | undefined
  readonly #guard: Guard
  #running = 0

  constructor(options: BackendOptions) {
    this.#options = options
    this.#brief = new Brief(options.log)
    const { config, dialer, limits, log } = options
    const { name, transport, timeoutMs, auth, resilience = DEFAULT_RESILIENCE } = config
    this.name = name
    this.transport = transport
    this.#vitals = new Vitals({ name, resilience, log, changed: () => options.changed(name) })
    const { ofCaller } = dialer
    this.#home = new Home({
      ...options,
      changed: (of) => this.#onHome(of),
      ofCaller,
      connected: () => this.#onConnected(),
      failed: (error, before) => this.#onFailed(error, before),
      stale: () => this.#personal?.doubt(),
    })
    const list: Home['ask'] = (connection, signal) => this.#home.ask(connection, signal)
    const down = () => (this.#home.state.status === 'failed' ? this.#home.state.error : undefined)
    this.#personal = ofCaller ? new Personal({ name, dialer, limits, log, list, down }) : undefined
    const { connectMs } = limits
    const common = () => ({ state: lastReady(this.#home.state), toldAt: this.#home.toldAt })
    const tell = (session: string, change: ListChange) => void options.aside(session, change)
    const hasOwn = !ofCaller && config.connection === 'session'
    this.#own = hasOwn ? new OwnLists({ name, log, connectMs, list, common, tell }) : undefined
    const events: SessionEvents = {
      changed: (...of) => this.#onChanged(...of),
      ended: (session) => this.#own?.forget(session),
      aside: options.aside,
    }
    const sessions = { name, transport, dialer, connectMs, timeoutMs, events }
    this.#sessions = new Sessions(sessions)
    this.#leases = new Leases(sessions)
    this.#guard = new Guard({ name, timeoutMs, resilience }, (request, exchange, began) =>
      this.attempt(request, exchange, began),
    )
    const watched = { name, home: this.#home, vitals: this.#vitals, calls: () => this.#running }
    const authenticates = auth.type !== 'unauthenticated'
    const { health: policy } = resilience
    this.#monitor = policy && new Monitor({ ...watched, policy, authenticates })
  }

  get state(): BackendState {
    return this.#home.state
  }

  get views(): Views | undefined {
    return this.#personal
  }

  get sessionViews(): SessionViews | undefined {
    return this.#own
  }

  get health(): BackendHealth {
    return this.#vitals.health
  }

  get running(): number {
    return this.#running
  }

  get queued(): number {
    return this.#guard.queued
  }

  /** For good. */
  get isClosed(): boolean {
    return this.#home.closed
  }

  /** Whether its breaker refuses calls. */
  get isOpen(): boolean {
    return this.#vitals.isOpen
  }

  /** Whether a call can be made at once. */
  get isReachable(): boolean {
    return (this.#home.connection !== undefined || this.#home.isReserved) && !this.#vitals.isOpen
  }

  get lateReplies(): number {
    return this.#options.dialer.lateReplies
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

  /** There may be a way to it now: it is tried at once. */
  hurry(): void {
    this.#home.hurry()
  }

  run(request: BackendRequest, exchange: Exchange): Promise<Result> {
    return this.#guard.run(request, exchange)
  }

  /**
   * Makes a call that was let in, where the breaker does not stop it.
   * @param began when its time began to run, by `performance.now()`
   * @param patient whether it may wait for a connection that is to be made anew
   */
  async attempt(request: BackendRequest, exchange: Exchange, began: number, patient = true): Promise<Result> {
    const pass = this.#vitals.enter()
    this.#running++
    try {
      const result = await this.#call(request, exchange, began, patient)
      this.#vitals.settle(pass, 'success')
      return result
    } catch (error) {
      const outcome = outcomeOf(error)
      this.#vitals.settle(pass, outcome, error)
      // What it shows the caller may be another thing now too.
      if (this.#personal !== undefined && wantsCredentials(GatewayError.from(error)))
        this.#personal.doubt(request.caller)
      if (outcome === 'failure') this.#complain(request, exchange, GatewayError.from(error))
      throw error
    } finally {
      this.#running--
    }
  }

  #complain({ call }: BackendRequest, { ref }: Exchange, { code, message: error }: GatewayError): void {
    this.#brief.warn(
      { backend: this.name, method: methodOf(call), request: ref?.id, code, error },
      'a call failed at its backend',
    )
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
    this.#monitor?.stop()
    this.#vitals.close()
    const own = [this.#sessions, this.#leases, this.#personal]
    await Promise.all([this.#home.close(), ...own.map((it) => it?.close())])
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

  async #call(request: BackendRequest, exchange: Exchange, began: number, patient: boolean): Promise<Result> {
    const { call, caller } = request
    if (isSubscription(call)) {
      this.hold(caller, exchange.signal)
      const connect = () => this.connect(caller, exchange.signal)
      const { name, timeoutMs } = this.#options.config
      const ground = { name, timeoutMs, connect, isOver: () => this.isClosed }
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
      if (this.transport !== 'stdio') this.#home.doubt(GatewayError.from(error))
      if (!patient) throw error
    }
    return (await this.connect(caller, exchange.signal, began)).run(request, exchange, began)
  }

  /** Whether for all, or for that session alone, is to be seen. */
  #onChanged(caller: Caller, session: string, connection: Connection | undefined): void {
    if (this.#personal === undefined) this.#home.refresh()
    else this.#personal.doubt(caller)
    if (connection !== undefined) this.#own?.doubt(session, connection)
  }

  #onHome(name: string): void {
    this.#own?.compare()
    this.#options.changed(name)
  }

  #onConnected(): void {
    this.#personal?.doubt()
    if (this.#monitor?.isChecking) return
    this.#vitals.succeeded(0)
    this.#vitals.note('success')
  }

  /** Of an outage the first failure counts, and then what the checks find; of a server that was never there, all. */
  #onFailed(error: GatewayError, before: BackendState): void {
    const isFirst = before.status !== 'failed' || lastReady(before) === undefined
    if (!isFirst || this.#monitor?.isChecking) return
    this.#vitals.failed(error)
    this.#vitals.note('failure')
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
