import type { Exchange, Result } from '../../../core/call.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import type { ErrorDetails, RpcError } from '../../../core/errors.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Log } from '../../../core/log.ts'
import type { BackendRequest, ServerFacts } from '../../../core/ports.ts'
import type { RawObject } from '../../../core/raw.ts'
import { type Bounds, stopped } from '../../cancelled.ts'
import { Questions } from '../ask.ts'
import type { Connection, ConnectOptions } from '../connection.ts'
import { Gone, quietly } from '../connection.ts'
import { Failure } from '../failure.ts'
import type { Base } from '../flight.ts'
import { Flight, owned, tooLate } from '../flight.ts'
import type { Listing } from '../listing.ts'
import type { Message } from '../message.ts'
import { notificationFrame } from '../message.ts'
import type { Landing } from '../result.ts'
import { resultOf, toResult } from '../result.ts'
import { Roster } from '../roster.ts'
import { rpcErrorOf } from '../rpc.ts'
import { Strays } from '../strays.ts'
import { discover, speaksModern } from './discover.ts'
import type { ParamHeader } from './headers.ts'
import { gather } from './inputs.ts'
import { list } from './list.ts'
import { encode, encodeOwn } from './request.ts'
import { Updates } from './updates.ts'

/** Rounds of inputs that one call may take. */
const ROUNDS = 10
const INTERNAL_ERROR = -32603
const HEADER_MISMATCH = -32020
const CAPABILITY_REQUIRED = -32021
const UNSUPPORTED_VERSION = -32022
const NONE: readonly ParamHeader[] = []

/** One request of a call, which may take several where it wants inputs. */
interface Turn {
  readonly request: BackendRequest
  readonly params: RawObject
  readonly exchange: Exchange
  /** When its time began to run, by `performance.now()`. */
  readonly began: number
}

/** A server of the stateless era. */
export class ModernConnection implements Connection, Base {
  readonly server: ServerFacts
  readonly name: string
  readonly channel: ConnectOptions['channel']
  readonly log: Log
  readonly questions = new Questions()
  readonly gone = new Gone()
  readonly #options: ConnectOptions
  readonly #flights = new Roster<Flight>()
  readonly #strays: Strays
  readonly #updates: Updates
  #paramHeaders: ReadonlyMap<string, readonly ParamHeader[]> = new Map()
  #closed = false

  constructor(options: ConnectOptions, server: ServerFacts) {
    this.#options = options
    this.server = server
    this.name = options.site.name
    this.channel = options.channel
    this.log = options.site.log
    const { home, hears, events, site } = options
    this.#strays = new Strays({
      flights: this.#flights,
      base: this,
      home,
      log: site.log,
      events: {
        changed: events.changed,
        updated: (notice) => this.#updates.tell(notice),
        aside: events.aside,
      },
    })
    this.#updates = new Updates({
      name: this.name,
      channel: this.channel,
      peer: options.peer,
      patron: options.patron,
      server,
      site,
      lists: hears,
      receive: (message) => this.stray(message),
      cancel: (id) => this.cancel(id, 'listened for by another request'),
      reopened: events.changed,
      unreachable: (failure) => this.#lost(failure),
    })
    // Last: what came before there was a connection is told at once.
    this.channel.attach({
      stray: (message) => this.stray(message),
      lost: (failure) => this.#lost(failure),
    })
  }

  get timeoutMs(): number {
    return this.#options.site.timeoutMs
  }

  get extendMs(): number | undefined {
    return this.#options.site.extendMs
  }

  get calls(): number {
    return this.#flights.size
  }

  get isHeard(): boolean {
    return this.#updates.isHeard
  }

  async list(signal: AbortSignal): Promise<Listing> {
    const { site, channel } = this.#options
    const options = { site, capabilities: this.server.capabilities, http: channel.perRequest }
    const listing = await list(options, (method, params) => this.#ask(method, params, signal))
    if (listing.offer.tools !== undefined) this.#paramHeaders = listing.paramHeaders
    return listing
  }

  /** Where another server stands there now, the connection is lost. */
  async probe(signal: AbortSignal): Promise<void> {
    const landing = await discover(this.#options, signal)
    if (landing instanceof Failure) {
      if (landing.kind === 'unsent') this.#lost(landing)
      throw landing.toError(this.name)
    }
    if (isOfThisEra(landing) || rpcErrorOf(landing)?.code === INTERNAL_ERROR) return
    const failure = this.#replaced()
    this.#lost(failure)
    throw failure.toError(this.name)
  }

  async run(request: BackendRequest, exchange: Exchange, began: number): Promise<Result> {
    const subscribed = this.#updates.subscribe(request.call, exchange)
    if (subscribed !== undefined) return subscribed
    let { params } = request.call
    for (let round = 0; round < ROUNDS; round++) {
      // With each answer of the client it is another request, with a time of its own.
      const since = round === 0 ? began : performance.now()
      const result = await this.#once({ request, params, exchange, began: since })
      if (result.type !== 'input_required' || exchange.takesInputRequired) return result
      params = await gather(result, params, exchange)
    }
    throw new GatewayError(
      'bad_gateway',
      `backend '${this.name}': it wants inputs in more than ${ROUNDS} rounds`,
    )
  }

  /** Over HTTP the server sees that its answer is no longer waited for (MCP 2026-07-28, basic/patterns/cancellation). */
  cancel(requestId: number, reason: string): void {
    this.answer(notificationFrame('notifications/cancelled', { requestId, reason }))
  }

  /** Over HTTP there is no way for an answer: such servers ask by their result. */
  answer(body: Buffer): void {
    if (this.channel.perRequest) return
    void this.channel.send({ body, headers: {}, caller: undefined })
  }

  hear(): void {
    this.#updates.hear()
  }

  tell(): void {
    // Servers of this era hear from a client in its requests alone.
  }

  stray(message: Message): void {
    if (!this.#updates.takes(message)) this.#strays.receive(message)
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
    await this.channel.close()
  }

  #go(): void {
    this.gone.go()
    this.#updates.close()
  }

  async #once(turn: Turn): Promise<Result> {
    let landing = await this.#fly(turn)
    if (errorOf(landing)?.code === HEADER_MISMATCH) {
      // The definition that the headers were made from is out of date. The call was not executed.
      await stopped((signal) => this.list(signal), this.#boundsOf(turn))
      this.#options.events.changed()
      landing = await this.#fly(turn)
    }
    if (isForeign(landing)) await stopped((signal) => this.#checkEra(signal), this.#boundsOf(turn))
    this.#judge(landing)
    return toResult(landing, this.name)
  }

  /** The request was not executed. Where another server stands there now, it may go to that. */
  async #checkEra(signal: AbortSignal): Promise<void> {
    const landing = await discover(this.#options, signal)
    if (landing instanceof Failure && !landing.isRefusal) return
    if (!(landing instanceof Failure) && isOfThisEra(landing)) return
    const failure = this.#replaced()
    this.#lost(failure)
    throw failure.toError(this.name)
  }

  #replaced(): Failure {
    return new Failure('unsent', `speaks ${this.server.version} no more`)
  }

  /** What is done beside the request is of the time of the call. */
  #boundsOf({ exchange, began }: Turn): Bounds {
    const ms = began + this.timeoutMs - performance.now()
    return { signal: exchange.signal, ms, late: () => tooLate(this) }
  }

  async #fly({ request, params, exchange, began }: Turn): Promise<Landing> {
    const flight = new Flight(this, exchange, began)
    const http = this.channel.perRequest
    const paramHeaders = (http && this.#paramHeaders.get(request.item.origin.name)) || NONE
    this.#flights.add(flight)
    try {
      return await flight.send(encode(request, { id: this.channel.nextId(), http, paramHeaders, params }))
    } finally {
      this.#flights.delete(flight)
    }
  }

  async #ask(method: string, params: object, signal: AbortSignal): Promise<RawObject> {
    const flight = new Flight(owned(this), quietly(signal))
    const { channel, peer, patron } = this.#options
    const request = encodeOwn(method, params, { id: channel.nextId(), peer, patron })
    return resultOf(await flight.send(request), this.name)
  }

  /** Errors that are about this hop are not the client's, who would look for the fault in its own request. */
  #judge(landing: Landing): void {
    if (landing instanceof Failure && landing.kind === 'unsent') this.#lost(landing)
    const error = errorOf(landing)
    if (error === undefined) return
    const message = `backend '${this.name}': ${error.message}`
    if (error.code === CAPABILITY_REQUIRED)
      throw new GatewayError('capability_required', message, dataOf(error))
    if (error.code === HEADER_MISMATCH) throw new GatewayError('bad_gateway', message)
    if (error.code !== UNSUPPORTED_VERSION) return
    const unsupported = new GatewayError('bad_gateway', message)
    this.#options.events.lost(unsupported)
    throw unsupported
  }

  #lost(failure: Failure): void {
    if (!this.#closed) this.#options.events.lost(failure.toError(this.name))
  }
}

/** Refused before it was looked at: no id of ours is in the answer. Legacy servers do so where they miss a session. */
function isForeign(landing: Landing): boolean {
  if (!(landing instanceof Failure) || landing.kind !== 'status' || !landing.isRefusal) return false
  return !/^\d/.test(landing.response?.text('id') ?? '')
}

function isOfThisEra(response: RawObject): boolean {
  const result = response.object('result')
  return result !== undefined && speaksModern(result)
}

function errorOf(landing: Landing): RpcError | undefined {
  return rpcErrorOf(landing instanceof Failure ? landing.response : landing)
}

function dataOf({ data }: RpcError): ErrorDetails {
  return typeof data === 'object' && data !== null ? { data: data as JsonObject } : {}
}
