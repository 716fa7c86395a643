import type { Era } from '../core/caller.ts'
import type { BackendConfig } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Change } from '../core/gateway.ts'
import type { Log } from '../core/log.ts'
import type { BackendState, ListingWitness } from '../core/ports.ts'
import { Attempts } from './attempts.ts'
import type { Dialer } from './dialer.ts'
import type { Gate } from './gate.ts'
import { Known } from './known.ts'
import type { Connection } from './mcp/connection.ts'
import { Failure } from './mcp/failure.ts'
import type { Limits } from './mcp/limits.ts'
import type { Listing } from './mcp/listing.ts'
import { isThere } from './outcome.ts'
import { Relisting } from './relisting.ts'
import { Waiting } from './waiting.ts'

export interface BackendOptions {
  readonly config: BackendConfig
  readonly dialer: Dialer
  readonly gate: Gate
  readonly limits: Limits
  readonly log: Log
  readonly onList?: ListingWitness | undefined
  /** The state was replaced. */
  readonly changed: (name: string) => void
  /** A server says something to one client session. @returns whether somebody took it */
  readonly aside: (session: string, change: Change) => boolean
}

export interface HomeOptions extends Omit<BackendOptions, 'aside'> {
  /** Whether credentials are the callers': a server that wants some of us, who have none, is there all the same. */
  readonly ofCaller: boolean
  /** Or found to be there after an outage. */
  readonly connected: () => void
  /** Something is, or may be, offered that was not. */
  readonly stale: () => void
  /** A connection was lost, or could not be made. */
  readonly failed: (error: GatewayError, before: BackendState) => void
}

const CLOSED = 'is closed: the configuration has changed, or the gateway ends'
const LONGEST_WAIT_MS = 60_000

/** Keeps the one connection of a backend that lists, listens and serves everybody; and what is known of it. */
export class Home {
  readonly #options: HomeOptions
  readonly #closing = new AbortController()
  readonly #known: Known
  readonly #waiting = new Waiting()
  readonly #attempts = new Attempts()
  readonly #relisting: Relisting
  readonly #polling: NodeJS.Timeout | undefined
  readonly #ended: Promise<void>
  #connection: Connection | undefined
  #era: Era | undefined
  #toldAt = Number.NEGATIVE_INFINITY
  /** Ends the present life. */
  #lose: (error: GatewayError) => void = () => {}

  constructor(options: HomeOptions) {
    this.#options = options
    const { config, log } = options
    const changed = () => {
      options.changed(config.name)
      this.#waiting.wake()
    }
    this.#known = new Known({ config, log, changed })
    this.#relisting = new Relisting({
      list: () => this.#listAgain(),
      failed: (error) => this.#cannotList(error),
      leastMs: options.limits.relistMs,
    })
    // What a process of ours lists without a word is not another.
    if (config.transport !== 'stdio')
      this.#polling = setInterval(() => this.#poll(), options.limits.pollMs).unref()
    this.#ended = this.#keep()
  }

  get state(): BackendState {
    return this.#known.state
  }

  /** For good. */
  get closed(): boolean {
    return this.#closing.signal.aborted
  }

  get isReserved(): boolean {
    return this.state.status === 'reserved'
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  /** When the server last said on this connection that a list has changed, by `performance.now()`. */
  get toldAt(): number {
    return this.#toldAt
  }

  /** Of the server as it was last seen. */
  get era(): Era | undefined {
    return this.#era
  }

  /** @param until by `performance.now()` @throws GatewayError `unavailable`, `timeout`, `cancelled` */
  async whenConnected(signal: AbortSignal, until: number): Promise<Connection> {
    while (this.#connection === undefined) await this.#wait(signal, until)
    return this.#connection
  }

  /** The same, or until it is found that there is no connection to be had without the credentials of a caller. */
  async whenThere(signal: AbortSignal, until: number): Promise<void> {
    while (this.#connection === undefined && !this.isReserved) await this.#wait(signal, until)
  }

  async #wait(signal: AbortSignal, until: number): Promise<void> {
    if (signal.aborted) throw new GatewayError('cancelled', 'the call was cancelled')
    if (this.closed) throw this.#not(CLOSED)
    const left = until - performance.now()
    if (left <= 0) throw this.#late()
    const patience = this.#attempts.patience()
    if (this.state.status === 'failed' && patience <= 0) throw this.state.error
    await this.#waiting.next(signal, Math.min(left, patience))
  }

  /** Makes the next attempt come at once, and waits for what becomes of it. @throws GatewayError */
  async nextAttempt(signal: AbortSignal): Promise<void> {
    const before = this.state
    this.#attempts.hurry()
    while (this.#connection === undefined && this.state === before && !signal.aborted)
      await this.#waiting.next(signal, LONGEST_WAIT_MS)
    if (this.#connection !== undefined || this.isReserved) return
    throw this.state.status === 'failed' ? this.state.error : this.#not('is not connected')
  }

  #late(): GatewayError {
    const why = this.state.status === 'failed' ? `; the last attempt: ${this.state.error.message}` : ''
    const { name, timeoutMs } = this.#options.config
    return new GatewayError('timeout', `backend '${name}' was not connected within ${timeoutMs} ms${why}`)
  }

  /** Another connection to the same server found that it cannot be reached. */
  doubt(error: GatewayError): void {
    if (this.#connection !== undefined) this.#lose(error)
  }

  /** Whatever kept it from being connected may be over. */
  hurry(): void {
    this.#attempts.hurry()
  }

  /** Another connection to the same server hears that a list has changed. */
  refresh(): void {
    this.#changed()
  }

  async close(): Promise<void> {
    const connection = this.#connection
    this.#closing.abort()
    this.#relisting.stop()
    clearInterval(this.#polling)
    this.#lose(this.#not(CLOSED))
    this.#waiting.wake()
    await Promise.all([connection?.close(), this.#ended])
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const error = await this.#oneLife()
      if (signal.aborted) return
      if (this.#options.ofCaller && isThere(error)) {
        if (this.#known.reserved(error)) this.#options.connected()
        await this.#attempts.rest(signal)
        continue
      }
      const failures = this.#attempts.failed(this.state.status === 'ready')
      this.#options.failed(error, this.#known.failed(error, failures))
      await this.#attempts.pause(signal)
    }
  }

  /** From the attempt to connect to the end of the connection. @returns why it ended */
  async #oneLife(): Promise<GatewayError> {
    this.#attempts.begin()
    if (this.#options.ofCaller) this.#era = undefined
    const end = new Promise<GatewayError>((resolve) => {
      this.#lose = (error) => {
        // At once, so that no further call is given to it.
        this.#connection?.retire()
        this.#connection = undefined
        resolve(error)
      }
    })
    const lose = this.#lose
    try {
      await this.#options.gate.pass(() => this.#connect(lose))
      return await end
    } catch (error) {
      return GatewayError.from(error)
    } finally {
      // It may have been lost before it was ready.
      this.#lose(this.#not('is not connected'))
      this.#lose = () => {}
    }
  }

  async #connect(lose: (error: GatewayError) => void): Promise<void> {
    const { dialer, limits } = this.#options
    const deadline = AbortSignal.timeout(limits.connectMs)
    const signal = AbortSignal.any([this.#closing.signal, deadline])
    // The events of a connection that is no longer the one are nobody's business.
    const lost = (error: GatewayError) => this.#lose === lose && lose(error)
    try {
      signal.throwIfAborted()
      const connection = await dialer.home({ changed: () => this.#told(), lost, aside: () => false }, signal)
      await this.#list(connection, signal)
    } catch (error) {
      throw deadline.aborted ? this.#silent() : error
    }
  }

  async #list(connection: Connection, signal: AbortSignal): Promise<void> {
    this.#era = connection.server.era
    try {
      const listing = await this.ask(connection, signal)
      this.#connection = connection
      this.#known.ready(connection.server, listing)
      this.#options.connected()
      this.#relisting.follow(listing)
    } catch (error) {
      void connection.close()
      throw error
    }
  }

  #silent(): GatewayError {
    const { config, limits } = this.#options
    return new Failure('broken', `it did not answer within ${limits.connectMs} ms`).toError(config.name)
  }

  #not(what: string): GatewayError {
    return new GatewayError('unavailable', `backend '${this.#options.config.name}' ${what}`)
  }

  #told(): void {
    this.#toldAt = performance.now()
    this.#changed()
  }

  /** The server says that what was listed is not what there is. */
  #changed(): void {
    if (this.#closing.signal.aborted) return
    this.#known.expire()
    this.#relisting.soon()
    this.#options.stale()
  }

  /** A server that neither tells of changes nor says how long a list holds is asked from time to time. */
  #poll(): void {
    const { state } = this.#known
    if (this.#connection === undefined || this.#connection.isHeard || state.status !== 'ready') return
    if (Object.values(state.freshness).some(({ until }) => until === 0)) this.#relisting.soon()
  }

  /** What cannot be listed now stays as it was. */
  async #listAgain(): Promise<Listing | undefined> {
    const connection = this.#connection
    if (connection === undefined) return undefined
    const listing = await this.ask(connection, AbortSignal.timeout(this.#options.limits.connectMs))
    if (connection !== this.#connection) return undefined
    this.#known.update(listing)
    return listing
  }

  /** Lists over this or another connection, for whoever is told of lists. */
  async ask(connection: Connection, signal: AbortSignal): Promise<Listing> {
    const end = this.#options.onList?.(this.#options.config)
    try {
      const listing = await connection.list(signal)
      end?.()
      return listing
    } catch (error) {
      end?.(error)
      throw error
    }
  }

  #cannotList(error: unknown): void {
    const { config, log } = this.#options
    log.warn({ backend: config.name, error: GatewayError.from(error).message }, 'cannot list it again')
  }
}
