import type { Exchange, Result } from '../../../core/call.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Log } from '../../../core/log.ts'
import type { BackendRequest, Offer, ServerFacts } from '../../../core/ports.ts'
import type { RawObject } from '../../../core/raw.ts'
import { orCancelled } from '../../cancelled.ts'
import type { Connection, ConnectOptions } from '../connection.ts'
import { quietly } from '../connection.ts'
import { Failure } from '../failure.ts'
import type { Base } from '../flight.ts'
import { Flight } from '../flight.ts'
import type { Message } from '../message.ts'
import { notificationFrame, requestFrame } from '../message.ts'
import type { Landing } from '../result.ts'
import { resultOf, toResult } from '../result.ts'
import { Roster } from '../roster.ts'
import { Strays } from '../strays.ts'
import { Ear } from './ear.ts'
import type { Session } from './handshake.ts'
import { initialize } from './handshake.ts'
import { list } from './list.ts'
import { encode, isSessionGone } from './request.ts'

/** A session with a server of the `initialize` era. */
export class LegacyConnection implements Connection, Base {
  readonly name: string
  readonly channel: ConnectOptions['channel']
  readonly timeoutMs: number
  readonly log: Log
  readonly #options: ConnectOptions
  readonly #flights = new Roster<Flight>()
  readonly #strays: Strays
  readonly #ear: Ear
  #session: Session
  #renewal: Promise<void> | undefined
  #closed = false

  constructor(options: ConnectOptions, session: Session) {
    this.#options = options
    this.#session = session
    const { site, channel, home } = options
    this.name = site.name
    this.channel = channel
    this.timeoutMs = site.timeoutMs
    this.log = site.log
    const changed = () => this.#changed()
    this.#strays = new Strays({ flights: this.#flights, base: this, home, log: site.log, changed })
    const lost = (failure: Failure) => this.#lost(failure)
    channel.attach({ stray: (message) => this.stray(message), lost })
    this.#ear = new Ear(options, {
      headers: () => this.#session.headers,
      receive: (message) => this.stray(message),
      reopening: changed,
      forgotten: () => this.#forgotten(),
      unreachable: lost,
    })
  }

  get server(): ServerFacts {
    return this.#session.server
  }

  list(signal: AbortSignal): Promise<Partial<Offer>> {
    const { site } = this.#options
    return list(site, this.server.capabilities, (method, params) => this.#ask(method, params, signal))
  }

  async run(request: BackendRequest, exchange: Exchange): Promise<Result> {
    const landing = await this.#fly(request, exchange)
    if (!this.#session.named || !isSessionGone(landing)) return this.#toResult(landing)
    await orCancelled(this.#renew(), exchange.signal)
    return this.#toResult(await this.#fly(request, exchange))
  }

  /** MCP 2025-11-25, basic/utilities/cancellation. */
  cancel(requestId: number, reason: string): void {
    this.answer(notificationFrame('notifications/cancelled', { requestId, reason }))
  }

  answer(body: Buffer): void {
    const { caller } = this.#options
    void this.channel.send({ body, headers: this.#session.headers, caller })
  }

  stray(message: Message): void {
    this.#strays.receive(message)
  }

  retire(): void {
    this.#ear.close()
    // Where requests share a wire, it is the wire that is of no use.
    if (this.channel.perRequest) setTimeout(() => void this.close(), this.timeoutMs).unref()
    else void this.close()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#ear.close()
    const { named, headers } = this.#session
    if (named) await this.channel.http?.remove(headers)
    await this.channel.close()
  }

  async #fly(request: BackendRequest, exchange: Exchange): Promise<Landing> {
    const flight = new Flight(this, exchange)
    this.#flights.add(flight)
    try {
      const listening = this.#ear.open()
      if (listening !== undefined) await listening
      return await flight.send(encode(request, this.channel.nextId(), this.#session.headers))
    } finally {
      this.#flights.delete(flight)
      if (this.#flights.size === 0) this.#ear.rest()
    }
  }

  /** Lists have a deadline of their own. */
  async #ask(method: string, params: object, signal: AbortSignal): Promise<RawObject> {
    const flight = new Flight(untimed(this), quietly(signal))
    const id = this.channel.nextId()
    const body = requestFrame(id, method, Buffer.from(JSON.stringify(params)))
    const { headers } = this.#session
    return resultOf(await flight.send({ id, body, headers, caller: undefined }), this.name)
  }

  #toResult(landing: Landing): Result {
    if (landing instanceof Failure && landing.kind === 'unsent') this.#lost(landing)
    return toResult(landing, this.name)
  }

  /** A server that restarted has forgotten the session: a new one is begun, once for all that need it. */
  #renew(): Promise<void> {
    this.#renewal ??= this.#begin().finally(() => {
      this.#renewal = undefined
    })
    return this.#renewal
  }

  async #begin(): Promise<void> {
    const { site } = this.#options
    this.#ear.close()
    site.log.info({ backend: this.name }, 'the server has forgotten the session; beginning a new one')
    const signal = AbortSignal.timeout(site.limits.connectMs)
    this.#session = await initialize(this.#options, signal).catch((error) => this.#refused(error))
    this.#ear.reopen()
    this.#changed()
  }

  /** What wanted the session was not executed, and may go to a server that was found out anew. */
  #refused(error: unknown): never {
    const { message } = GatewayError.from(error)
    const failure = new Failure('unsent', `it has forgotten the session, and begins no new one: ${message}`)
    this.#lost(failure)
    throw failure.toError(this.name)
  }

  /** A 404 for the stream: of the session, where it has a name; else there is just no stream. */
  #forgotten(): void {
    if (!this.#session.named || this.#renewal !== undefined || this.#closed) return
    this.#renew().catch(() => {})
  }

  #changed(): void {
    if (this.#options.home && !this.#closed) this.#options.events.changed()
  }

  #lost(failure: Failure): void {
    if (!this.#closed) this.#options.events.lost(failure.toError(this.name))
  }
}

function untimed(connection: LegacyConnection): Base {
  return {
    name: connection.name,
    channel: connection.channel,
    log: connection.log,
    timeoutMs: 0,
    cancel: (id, reason) => connection.cancel(id, reason),
    answer: (frame) => connection.answer(frame),
    stray: (message) => connection.stray(message),
  }
}
