import type { Exchange, Result } from '../../../core/call.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { News } from '../../../core/gateway.ts'
import type { Log } from '../../../core/log.ts'
import type { BackendRequest, ServerFacts } from '../../../core/ports.ts'
import { RawObject } from '../../../core/raw.ts'
import { inTime, orCancelled } from '../../cancelled.ts'
import { Questions } from '../ask.ts'
import type { OnBehalf } from '../channel.ts'
import type { Connection, ConnectOptions } from '../connection.ts'
import { Gone, quietly } from '../connection.ts'
import { Failure } from '../failure.ts'
import type { Base } from '../flight.ts'
import { Flight, owned, tooLate, untimed } from '../flight.ts'
import { announcesAll, type Listing } from '../listing.ts'
import type { Message } from '../message.ts'
import { notificationFrame, requestFrame } from '../message.ts'
import type { Landing } from '../result.ts'
import { resultOf, toResult } from '../result.ts'
import { Roster } from '../roster.ts'
import { Strays } from '../strays.ts'
import { Ear } from './ear.ts'
import type { Session } from './handshake.ts'
import { LastingSession } from './lasting-session.ts'
import { Level } from './level.ts'
import { list } from './list.ts'
import { blocks, encode, isSessionGone, ofThisEra } from './request.ts'
import { Updates } from './updates.ts'

/** MCP 2025-11-25, client/elicitation, URL Elicitation Required: the end of it is told later. */
const URL_ELICITATION = -32042
/** MCP 2026-07-28, basic, Error Codes. */
const UNSUPPORTED_VERSION = -32022
const MODERN = '2026-07-28'

/** A session with a server of the `initialize` era. */
export class LegacyConnection implements Connection, Base {
  readonly name: string
  readonly channel: ConnectOptions['channel']
  readonly log: Log
  readonly questions = new Questions()
  readonly gone = new Gone()
  readonly #options: ConnectOptions
  readonly #flights = new Roster<Flight>()
  readonly #strays: Strays
  readonly #ear: Ear
  readonly #level: Level
  readonly #session: LastingSession
  /** Most sessions subscribe to nothing. */
  #updates: Updates | undefined
  #closed = false

  constructor(options: ConnectOptions, session: Session) {
    this.#options = options
    const { site, channel, home } = options
    this.name = site.name
    this.channel = channel
    this.log = site.log
    this.#level = new Level({ own: !home, set: (level) => this.#setLevel(level) })
    this.#strays = new Strays({
      flights: this.#flights,
      base: this,
      home,
      log: site.log,
      events: {
        changed: () => this.#told(),
        updated: (notice) => this.#updates?.tell(notice),
        aside: options.events.aside,
      },
    })
    this.#session = new LastingSession(options, session, {
      forgotten: () => this.#ear.close(),
      begun: () => this.#onBegun(),
      lost: (error) => this.#over(error),
    })
    const lost = (failure: Failure) => this.#lost(failure)
    channel.attach({ stray: (message) => this.stray(message), lost })
    this.#ear = new Ear(options, {
      onBehalf: () => this.#onBehalf(),
      receive: (message) => this.stray(message),
      reopened: () => this.#missed(),
      forgotten: () => this.#forgotten(),
      unreachable: lost,
    })
  }

  get timeoutMs(): number {
    return this.#options.site.timeoutMs
  }

  get extendMs(): number | undefined {
    return this.#options.site.extendMs
  }

  get server(): ServerFacts {
    return this.#session.now.server
  }

  get calls(): number {
    return this.#flights.size
  }

  get isHeard(): boolean {
    const hasStream = this.channel.http === undefined || this.#ear.isOpen
    return hasStream && announcesAll(this.server.capabilities)
  }

  list(signal: AbortSignal): Promise<Listing> {
    const ask = (method: string, params: object) => this.#ask(method, params, signal, owned(this))
    return list(this.#options.site, this.server.capabilities, ask)
  }

  /** Whatever it answers, it answers. */
  async probe(signal: AbortSignal): Promise<void> {
    try {
      await this.#ask('ping', {}, signal)
    } catch (error) {
      if (GatewayError.from(error).code !== 'backend') throw error
    }
  }

  async run(request: BackendRequest, exchange: Exchange, began: number): Promise<Result> {
    const { call } = request
    if (call.kind === 'subscription') {
      this.#updates ??= this.#makeUpdates()
      await this.#updates.add(call.uri, exchange)
      return { type: 'complete', body: RawObject.empty }
    }
    if (call.kind === 'task' || call.params.has('task')) void this.#ear.hold()
    const landing = await this.#fly(request, exchange, began)
    if (!this.#session.now.named || !isSessionGone(landing)) return this.#toResult(landing, request)
    await this.#inTime(this.#session.renew(), exchange, began)
    return this.#toResult(await this.#fly(request, exchange, began), request)
  }

  /** MCP 2025-11-25, basic/utilities/cancellation. */
  cancel(requestId: number, reason: string): void {
    this.answer(notificationFrame('notifications/cancelled', { requestId, reason }))
  }

  answer(body: Buffer): void {
    void this.channel.send({ body, ...this.#onBehalf() })
  }

  lingers(): void {
    void this.#ear.hold()
  }

  hear(): void {
    void this.#ear.hold()
  }

  tell(news: News): void {
    if (news.kind === 'level') void this.#level.want(news.level)
    else this.answer(notificationFrame(news.notice.method, news.notice.params.bytes))
  }

  stray(message: Message): void {
    this.#strays.receive(message)
  }

  retire(): void {
    this.#go()
    // Where requests share a wire, it is the wire that is of no use.
    if (this.channel.perRequest) setTimeout(() => void this.close(), this.extendMs ?? this.timeoutMs).unref()
    else void this.close()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#go()
    if (this.#session.now.named) await this.channel.http?.remove(this.#onBehalf())
    await this.channel.close()
  }

  #go(): void {
    this.gone.go()
    this.#ear.close()
    this.#updates?.close()
  }

  async #fly(request: BackendRequest, exchange: Exchange, began: number): Promise<Landing> {
    const { logLevel } = request.caller
    const level = logLevel === undefined ? undefined : this.#level.want(logLevel)
    if (level !== undefined) await this.#inTime(level, exchange, began)
    const flight = new Flight(blocks(request) ? untimed(this) : this, exchange, began)
    this.#flights.add(flight)
    try {
      const listening = this.#ear.open()
      if (listening !== undefined) await this.#inTime(listening, exchange, began)
      return await flight.send(encode(request, this.channel.nextId(), this.#session.now.headers))
    } finally {
      this.#flights.delete(flight)
      if (this.#flights.size === 0) this.#ear.rest()
    }
  }

  /** What is waited for before the request leaves is of the time of the call. */
  #inTime<T>(promise: Promise<T>, { signal }: Exchange, began: number): Promise<T> {
    const ms = began + this.timeoutMs - performance.now()
    return inTime(promise, { signal, ms, late: () => tooLate(this) })
  }

  /** @param base without it there is no other deadline than the signal */
  async #ask(method: string, params: object, signal: AbortSignal, base = untimed(this)): Promise<RawObject> {
    const send = () => this.#send(method, params, signal, base)
    const landing = await send()
    if (!this.#session.now.named || !isSessionGone(landing)) return this.#resultOf(landing)
    await orCancelled(this.#session.renew(), signal)
    return this.#resultOf(await send())
  }

  #resultOf(landing: Landing): RawObject {
    try {
      return resultOf(landing, this.name)
    } catch (error) {
      this.#checkEra(error)
      throw error
    }
  }

  #send(method: string, params: object, signal: AbortSignal, base: Base): Promise<Landing> {
    const id = this.channel.nextId()
    const body = requestFrame(id, method, Buffer.from(JSON.stringify(params)))
    return new Flight(base, quietly(signal)).send({ id, body, ...this.#onBehalf() })
  }

  #onBehalf(): OnBehalf {
    return { headers: this.#session.now.headers, caller: this.#options.patron?.caller }
  }

  #toResult(landing: Landing, request: BackendRequest): Result {
    if (landing instanceof Failure && landing.kind === 'unsent') this.#lost(landing)
    try {
      return ofThisEra(toResult(landing, this.name), request)
    } catch (error) {
      this.#checkEra(error)
      if (error instanceof GatewayError && error.rpc?.code === URL_ELICITATION) void this.#ear.hold()
      throw error
    }
  }

  /** A server of the other era has taken its place, and has not executed the request. @throws GatewayError */
  #checkEra(error: unknown): void {
    if (!(error instanceof GatewayError) || error.rpc?.code !== UNSUPPORTED_VERSION) return
    const { supported } = (error.rpc.data ?? {}) as { readonly supported?: unknown }
    if (!Array.isArray(supported) || !supported.includes(MODERN)) return
    const failure = new Failure('unsent', `it speaks ${this.server.version} no more`)
    this.#lost(failure)
    throw failure.toError(this.name)
  }

  /** Another session knows nothing of what the last one was told. */
  #onBegun(): void {
    this.#ear.reopen()
    this.#told()
    this.#level.forget()
    this.#updates?.renew()
  }

  #makeUpdates(): Updates {
    const { timeoutMs } = this
    return new Updates({
      name: this.name,
      log: this.log,
      server: () => this.server,
      listen: () => this.#ear.hold(),
      ask: (method, params) => this.#ask(method, params, AbortSignal.timeout(timeoutMs), owned(this)),
    })
  }

  /** The stream was closed for a while. */
  #missed(): void {
    if (this.#options.home) this.#told()
    this.#updates?.missed()
  }

  async #setLevel(level: string): Promise<void> {
    if (this.server.capabilities['logging'] === undefined) return
    if (!this.#options.home) void this.#ear.hold()
    await this.#ask('logging/setLevel', { level }, AbortSignal.timeout(this.#options.site.limits.connectMs))
  }

  /** A 404 for the stream: of the session, where it has a name; else there is just no stream. */
  #forgotten(): void {
    if (!this.#session.now.named || this.#session.isBeingRenewed || this.#closed) return
    this.#session.renew().catch(() => {})
  }

  /** What it lists to this session is not what it was. */
  #told(): void {
    if (!this.#closed) this.#options.events.changed()
  }

  #lost(failure: Failure): void {
    this.#over(failure.toError(this.name))
  }

  #over(error: GatewayError): void {
    if (!this.#closed) this.#options.events.lost(error)
  }
}
