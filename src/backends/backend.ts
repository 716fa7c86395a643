import { isDeepStrictEqual } from 'node:util'
import { Brief } from '../core/brief.ts'
import { type Exchange, methodOf, type Result } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import type { BackendConfig } from '../core/config.ts'
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
import { Guard } from './guard.ts'
import type { BackendOptions } from './home.ts'
import { Home } from './home.ts'
import type { Connection } from './mcp/connection.ts'
import { Failure } from './mcp/failure.ts'
import { Monitor } from './monitor.ts'
import { outcomeOf, wantsCredentials } from './outcome.ts'
import { OwnLists } from './own-lists.ts'
import { Personal } from './personal/personal.ts'
import type { Terms } from './terms.ts'
import { Vitals } from './vitals.ts'
import { Ways } from './ways.ts'

/** A backend as those who keep it see it. */
export interface ManagedBackend extends Backend {
  /** In progress, subscriptions apart, and those that wait for their connection included. */
  readonly calls: number
  /** Another configuration holds, in which nothing but the terms is another. */
  adopt(config: BackendConfig): void
  tell(session: string, news: News): void
  /** Closes what the session holds. */
  release(session: string): void
  close(): Promise<void>
}

export interface ConnectedOptions extends BackendOptions {
  readonly terms: Terms
}

/** One server: the ways to it, and how it does. */
export class ConnectedBackend implements ManagedBackend {
  readonly name: string
  readonly transport: TransportType
  readonly #brief: Brief
  readonly #options: ConnectedOptions
  readonly #home: Home
  /** Where credentials are the callers'. */
  readonly #personal: Personal | undefined
  /** Where sessions have connections of their own, to a server that otherwise shows the same to everybody. */
  readonly #own: OwnLists | undefined
  readonly #ways: Ways
  readonly #vitals: Vitals
  #monitor: Monitor | undefined
  #guard: Guard
  #running = 0

  constructor(options: ConnectedOptions) {
    this.#options = options
    this.#brief = new Brief(options.log)
    const { terms, config, dialer, limits, log } = options
    const { name, transport } = config
    this.name = name
    this.transport = transport
    this.#vitals = new Vitals({ terms, log, changed: () => options.changed(name) })
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
    const { aside } = options
    const common = () => ({ state: lastReady(this.#home.state), toldAt: this.#home.toldAt })
    const tell = (session: string, change: ListChange) => void aside(session, change)
    const hasOwn = !ofCaller && config.connection === 'session'
    this.#own = hasOwn ? new OwnLists({ name, log, limits, list, common, tell }) : undefined
    const kept = { home: this.#home, personal: this.#personal, own: this.#own }
    this.#ways = new Ways({ config, dialer, limits, aside, ...kept })
    this.#guard = this.#newGuard()
    this.#monitor = this.#newMonitor()
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
    return this.#ways.connections
  }

  get calls(): number {
    return this.#ways.calls
  }

  /** What goes on ends as it began. */
  adopt(config: BackendConfig): void {
    const { terms } = this.#options
    const { health } = terms.resilience
    terms.adopt(config)
    this.#vitals.adopt()
    if (!this.#guard.isCurrent) this.#guard = this.#newGuard()
    if (isDeepStrictEqual(terms.resilience.health, health)) return
    this.#monitor?.stop()
    this.#monitor = this.#newMonitor()
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
      const result = await this.#ways.run(request, exchange, began, patient)
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

  #newGuard(): Guard {
    return new Guard(this.#options.terms, (request, exchange, began) =>
      this.attempt(request, exchange, began),
    )
  }

  #newMonitor(): Monitor | undefined {
    const { terms, config } = this.#options
    const policy = terms.resilience.health
    if (policy === undefined) return undefined
    const watched = { name: this.name, home: this.#home, vitals: this.#vitals, calls: () => this.#running }
    return new Monitor({ ...watched, policy, authenticates: config.auth.type !== 'unauthenticated' })
  }

  #complain({ call }: BackendRequest, { ref }: Exchange, error: GatewayError): void {
    const said = { code: error.code, error: error.message, ...Failure.of(error)?.facts }
    this.#brief.warn(
      { backend: this.name, method: methodOf(call), request: ref?.id, ...said },
      'a call failed at its backend',
    )
  }

  /** The connection for this caller. @throws GatewayError */
  connect(caller: Caller, signal: AbortSignal): Promise<Connection> {
    return this.#ways.connect(caller, signal)
  }

  /** Keeps the connection on which a subscription is to stand, until the signal fires. */
  hold(caller: Caller, signal: AbortSignal): void {
    this.#ways.hold(caller, signal)
  }

  tell(session: string, news: News): void {
    this.#ways.tell(session, news)
  }

  release(session: string): void {
    this.#ways.release(session)
  }

  async close(): Promise<void> {
    this.#monitor?.stop()
    this.#vitals.close()
    await this.#ways.close()
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
}
