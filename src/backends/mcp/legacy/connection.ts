import type { Exchange, Result } from '../../../core/call.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { BackendRequest, Offer, ServerFacts } from '../../../core/ports.ts'
import type { RawObject } from '../../../core/raw.ts'
import type { OutgoingRequest } from '../channel.ts'
import type { Connection, ConnectOptions } from '../connection.ts'
import { quietly } from '../connection.ts'
import { Failure } from '../failure.ts'
import type { Base } from '../flight.ts'
import { Flight } from '../flight.ts'
import type { Message } from '../message.ts'
import { notificationFrame, requestFrame } from '../message.ts'
import type { Landing } from '../result.ts'
import { resultOf, toResult } from '../result.ts'
import { Strays } from '../strays.ts'
import type { Session } from './connect.ts'
import { initialize } from './connect.ts'
import { list } from './list.ts'
import { Listener } from './listen.ts'
import { encode, isSessionGone } from './request.ts'

/** A session with a server of the `initialize` era. */
export class LegacyConnection implements Connection, Base {
  readonly name: string
  readonly channel: ConnectOptions['channel']
  readonly timeoutMs: number
  readonly #options: ConnectOptions
  readonly #flights = new Set<Flight>()
  readonly #strays: Strays
  #session: Session
  #renewal: Promise<void> | undefined
  #listener: Listener | undefined
  #closed = false

  constructor(options: ConnectOptions, session: Session) {
    this.#options = options
    this.#session = session
    this.name = options.site.name
    this.channel = options.channel
    this.timeoutMs = options.site.timeoutMs
    this.#strays = new Strays({
      flights: this.#flights,
      base: this,
      log: options.site.log,
      changed: () => this.#changed(),
    })
    this.channel.attach({
      stray: (message) => this.stray(message),
      lost: (failure) => this.#lost(failure),
    })
    this.#listen()
  }

  get server(): ServerFacts {
    return this.#session.server
  }

  list(signal: AbortSignal): Promise<Partial<Offer>> {
    const ask = async (method: string, params: object) => {
      const flight = new Flight({ ...this.#base(), timeoutMs: 0 }, quietly(signal))
      return this.#ask(flight, method, params)
    }
    return list(this.#options.site, this.server.capabilities, ask)
  }

  async run(request: BackendRequest, exchange: Exchange): Promise<Result> {
    const landing = await this.#fly(request, exchange)
    if (!this.#session.named || !isSessionGone(landing)) return this.#toResult(landing)
    await this.#renew(exchange.signal)
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
    this.#listener?.stop()
    // Where requests share a wire, it is the wire that is of no use.
    if (this.channel.perRequest) setTimeout(() => void this.close(), this.timeoutMs).unref()
    else void this.close()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#listener?.stop()
    const { named, headers } = this.#session
    if (named) await this.channel.http?.remove(headers)
    await this.channel.close()
  }

  async #fly(request: BackendRequest, exchange: Exchange): Promise<Landing> {
    const flight = new Flight(this, exchange)
    this.#flights.add(flight)
    try {
      return await flight.send(encode(request, this.channel.nextId(), this.#session.headers))
    } finally {
      this.#flights.delete(flight)
    }
  }

  async #ask(flight: Flight, method: string, params: object): Promise<RawObject> {
    const id = this.channel.nextId()
    const body = requestFrame(id, method, Buffer.from(JSON.stringify(params)))
    const outgoing: OutgoingRequest = { id, body, headers: this.#session.headers, caller: undefined }
    return resultOf(await flight.send(outgoing), this.name)
  }

  #toResult(landing: Landing): Result {
    if (landing instanceof Failure && landing.kind === 'unsent') this.#lost(landing)
    return toResult(landing, this.name)
  }

  /** A server that restarted has forgotten the session: a new one is begun, once for all that need it. */
  #renew(signal: AbortSignal): Promise<void> {
    this.#renewal ??= this.#begin().finally(() => {
      this.#renewal = undefined
    })
    const aborted = new Promise<never>((_, reject) => {
      const stop = () => reject(new GatewayError('cancelled', 'the call was cancelled'))
      signal.addEventListener('abort', stop, { once: true })
    })
    return Promise.race([this.#renewal, aborted])
  }

  async #begin(): Promise<void> {
    this.#listener?.stop()
    const { site } = this.#options
    site.log.info({ backend: this.name }, 'the server has forgotten the session; beginning a new one')
    this.#session = await initialize(this.#options, AbortSignal.timeout(site.limits.connectMs))
    this.#listen()
    this.#changed()
  }

  #listen(): void {
    const { http } = this.channel
    if (!this.#options.home || http === undefined || this.#closed) return
    this.#listener = new Listener({
      http,
      headers: () => this.#session.headers,
      receive: (message) => this.#strays.receive(message),
      reopening: () => this.#changed(),
      forgotten: () => this.#forgotten(),
      unreachable: (failure) => this.#lost(failure),
    })
  }

  /** A 404 for the stream: of the session, where it has a name; else there is just no stream. */
  #forgotten(): void {
    if (!this.#session.named || this.#renewal !== undefined) return
    this.#renew(new AbortController().signal).catch((error: unknown) => {
      this.#options.events.lost(GatewayError.from(error))
    })
  }

  #changed(): void {
    if (this.#options.home) this.#options.events.changed()
  }

  #lost(failure: Failure): void {
    if (!this.#closed) this.#options.events.lost(failure.toError(this.name))
  }

  #base(): Base {
    return {
      name: this.name,
      channel: this.channel,
      timeoutMs: this.timeoutMs,
      cancel: (id, reason) => this.cancel(id, reason),
      answer: (frame) => this.answer(frame),
    }
  }
}
