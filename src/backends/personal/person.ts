import type { Brief } from '../../core/brief.ts'
import { GatewayError } from '../../core/errors.ts'
import { type BackendState, lastReady } from '../../core/ports.ts'
import type { Gate } from '../gate.ts'
import type { Connection, ConnectionEvents, Patron } from '../mcp/connection.ts'
import { Failure } from '../mcp/failure.ts'
import type { Limits } from '../mcp/limits.ts'
import type { Listing } from '../mcp/listing.ts'
import { mergedOffer } from '../offer.ts'
import { wantsCredentials } from '../outcome.ts'
import { Relisting } from '../relisting.ts'
import type { EqualViews } from './equal.ts'
import { goodFor } from './good-for.ts'

/** What all persons of one backend have in common. */
export interface Circumstances {
  readonly name: string
  readonly limits: Pick<Limits, 'connectMs' | 'relistMs'>
  readonly brief: Brief
  readonly equal: EqualViews
  /** Of those who connect and list at the same time. */
  readonly gate: Gate
  readonly dial: (patron: Patron, events: ConnectionEvents, signal: AbortSignal) => Promise<Connection>
  readonly list: (connection: Connection, signal: AbortSignal) => Promise<Listing>
  /** Why the backend cannot be reached, where that is known. */
  readonly down: () => GatewayError | undefined
  /** Is shown something else. */
  readonly changed: (person: Person) => void
}

/** What could not be listed is asked for again, when somebody wants it, after this. */
const RETRY_MS = 5_000

/** One caller at one backend: a connection of their own, and what the backend shows them. */
export class Person {
  readonly identity: string
  readonly patron: Patron
  /** By `performance.now()`. */
  usedAt = performance.now()
  readonly #of: Circumstances
  readonly #closing = new AbortController()
  #connecting: Promise<Connection> | undefined
  #connection: Connection | undefined
  #view: BackendState | undefined
  #listing: Promise<Listing> | undefined
  #goodUntil = 0
  /** The credentials that the view was asked for with. */
  #askedAs: Patron['caller']['principal'] | undefined
  /** How often it was said that the view may not be of now. */
  #doubts = 0
  #relisting: Relisting | undefined

  constructor(identity: string, patron: Patron, of: Circumstances) {
    this.identity = identity
    this.patron = patron
    this.#of = of
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  get view(): BackendState | undefined {
    return this.#view
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  /** In progress, those that wait for the connection included. */
  get calls(): number {
    if (this.#connection !== undefined) return this.#connection.calls
    return this.#connecting === undefined ? 0 : 1
  }

  /** The connection, made where there is none. @throws GatewayError */
  connect(): Promise<Connection> {
    this.#connecting ??= this.#dial()
    return this.#connecting
  }

  /** Sees to it that the view is of now; `undefined` where it is. Never rejects. */
  look(): Promise<void> | undefined {
    const isRetry = this.#view?.status === 'failed' && this.#askedAs !== this.patron.caller.principal
    if (performance.now() < this.#goodUntil && !isRetry) return undefined
    return this.#listOnce().then(
      () => {},
      () => {},
    )
  }

  /** The view may not be of now. */
  doubt(): void {
    this.#doubts++
    this.#goodUntil = 0
    this.#relisting?.soon()
  }

  /** From now on changes are listened for, and looked at as they come. */
  hear(): void {
    const { relistMs: leastMs } = this.#of.limits
    this.#relisting ??= new Relisting({ list: () => this.#listOnce(), failed() {}, leastMs })
    this.#connection?.hear()
    if (this.#view === undefined) void this.look()
    else this.doubt()
  }

  unhear(): void {
    this.#relisting?.stop()
    this.#relisting = undefined
    this.#goodUntil = 0
  }

  async close(): Promise<void> {
    this.unhear()
    this.#closing.abort()
    if (this.#view !== undefined) this.#of.equal.release(this.#view)
    this.#view = undefined
    await this.#connection?.close()
  }

  async #dial(): Promise<Connection> {
    const { dial, limits, name } = this.#of
    let made: Connection | undefined
    let lost: GatewayError | undefined
    const events: ConnectionEvents = {
      changed: () => this.doubt(),
      aside: () => false,
      lost: (error) => {
        lost = error
        if (made !== undefined && made === this.#connection) this.#drop(made)
      },
    }
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(limits.connectMs)])
      made = await dial(this.patron, events, signal)
      if (this.isClosed) lost = new GatewayError('unavailable', `backend '${name}' is being closed`)
      if (lost !== undefined) throw lost
    } catch (error) {
      this.#connecting = undefined
      void made?.close()
      throw error
    }
    this.#connection = made
    if (this.#relisting !== undefined) made.hear()
    return made
  }

  #drop(connection: Connection): void {
    this.#connection = undefined
    this.#connecting = undefined
    connection.retire()
    this.doubt()
  }

  #listOnce(): Promise<Listing> {
    this.#listing ??= this.#of.gate
      .pass(() => this.#list())
      .finally(() => {
        this.#listing = undefined
      })
    return this.#listing
  }

  async #list(): Promise<Listing> {
    const { equal, limits } = this.#of
    const doubts = this.#doubts
    const { principal } = this.patron.caller
    let goodMs = RETRY_MS
    const last = this.#view && lastReady(this.#view)
    try {
      const down = this.#of.down()
      if (down !== undefined) throw down
      const { connection, listing } = await this.#ask()
      const { server } = connection
      const offer = mergedOffer(last?.offer, listing.offer)
      const isSame = offer === last?.offer && server === last.server
      this.#show(isSame ? last : equal.ready(offer, server), principal)
      goodMs = goodFor(listing.freshness, {
        server,
        isHeard: this.#relisting !== undefined,
        leastMs: limits.relistMs,
      })
      return listing
    } catch (thrown) {
      const error = GatewayError.from(thrown)
      // What somebody may not see any more is not shown to them any more.
      this.#show(equal.failed(error, isRefused(error) ? undefined : last), principal)
      throw error
    } finally {
      if (doubts === this.#doubts) this.#goodUntil = performance.now() + goodMs
    }
  }

  /** A connection that was gone before the request left is made anew. */
  async #ask(again = true): Promise<{ connection: Connection; listing: Listing }> {
    const connection = await this.connect()
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#of.limits.connectMs)])
    try {
      return { connection, listing: await this.#of.list(connection, signal) }
    } catch (error) {
      if (Failure.of(error)?.kind !== 'unsent' || !again) throw error
      if (this.#connection === connection) this.#drop(connection)
      return this.#ask(false)
    }
  }

  #show(view: BackendState, askedAs: Patron['caller']['principal']): void {
    this.#askedAs = askedAs
    if (this.isClosed || view === this.#view) return
    const { name, brief, changed, equal } = this.#of
    equal.hold(view)
    if (this.#view !== undefined) equal.release(this.#view)
    this.#view = view
    if (view.status === 'failed')
      brief.info({ backend: name, error: view.error.message }, 'the backend lists nothing for a caller')
    changed(this)
  }
}

/** Credentials that cannot be had just now are no refusal. */
function isRefused(error: GatewayError): boolean {
  const failure = Failure.of(error)
  const cause = failure?.kind === 'credentials' ? failure.cause : undefined
  return wantsCredentials(error) || (cause instanceof GatewayError && cause.code === 'unauthenticated')
}
