import type { Log } from '../../../core/log.ts'
import type { Refusal } from '../../auth/index.ts'
import type {
  Channel,
  Headers,
  HttpVerbs,
  OnBehalf,
  Outgoing,
  OutgoingRequest,
  Sink,
  Ticket,
} from '../channel.ts'
import { closed, Failure } from '../failure.ts'
import type { Limits } from '../limits.ts'
import { Roster } from '../roster.ts'
import type { Dress } from './dress.ts'
import type { ExchangeContext, Trip } from './exchange.ts'
import { HttpExchange } from './exchange.ts'
import type { Endpoint } from './origin.ts'
import { Scavenges } from './scavenge.ts'

export interface HttpChannelOptions {
  readonly name: string
  readonly endpoint: Endpoint
  readonly dress: Dress
  readonly limits: Limits
  /** An answer came that nobody waits for any more. */
  readonly late: () => void
  readonly log: Log
}

const POST_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const GET_HEADERS = { accept: 'text/event-stream' }
/** A stream that a server leaves open behind the response is closed after one to two of these. */
const SWEEP_MS = 500
/** For what is sent beside the calls, where nobody else keeps the time. */
const SIDE_MS = 10_000
const REMOVE_MS = 2_000
const RESUMPTIONS = 10
const RESUME_AFTER_MS = 1_000
const RESUME_AFTER_AT_MOST_MS = 30_000

/** Streamable HTTP: every request is a POST of its own. */
export class HttpChannel implements Channel {
  readonly perRequest = true
  readonly http: HttpVerbs
  readonly #options: HttpChannelOptions
  readonly #context: ExchangeContext
  readonly #open = new Roster<HttpExchange>()
  readonly #scavenges = new Scavenges()
  #sweep: NodeJS.Timeout | undefined
  #closed = false
  #id = 0

  constructor(options: HttpChannelOptions) {
    this.#options = options
    this.#context = this.#makeContext()
    this.http = {
      listen: (onBehalf, sink) => this.#listen(onBehalf, sink),
      remove: (onBehalf) => this.#remove(onBehalf),
    }
  }

  nextId(): number {
    return ++this.#id
  }

  request(outgoing: OutgoingRequest, sink: Sink): Ticket {
    const { id, body, caller } = outgoing
    const headers = joined(POST_HEADERS, outgoing.headers)
    const exchange = new HttpExchange(
      { id, method: 'POST', body, headers, caller, side: false },
      sink,
      this.#context,
    )
    if (this.#open.size < this.#options.limits.pending) this.#start(exchange)
    else queueMicrotask(() => exchange.cut(tooMany()))
    return exchange
  }

  async send(outgoing: Outgoing): Promise<void> {
    await this.post(outgoing, SIDE_MS)
  }

  /** Sends a message whose answer, if there is one, comes by another way. Never rejects. */
  post(outgoing: Outgoing, withinMs: number): Promise<Failure | undefined> {
    const { body, caller } = outgoing
    const headers = { ...POST_HEADERS, ...outgoing.headers }
    return this.#settle({ id: -1, method: 'POST', body, headers, caller, side: true }, withinMs)
  }

  attach(): void {
    // Nothing comes outside of a request.
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#sweep)
    for (const exchange of this.#open.all) exchange.cut(closed())
  }

  #listen({ headers, caller }: OnBehalf, sink: Sink): Ticket {
    const trip = { ...getTrip({ ...GET_HEADERS, ...headers }), id: -1, caller }
    const exchange = new HttpExchange(trip, sink, { ...this.#context, resume: () => undefined })
    this.#start(exchange)
    return exchange
  }

  async #remove({ headers, caller }: OnBehalf): Promise<void> {
    await this.#settle({ ...getTrip(headers), method: 'DELETE', id: -1, caller }, REMOVE_MS)
  }

  /** MCP 2025-11-25, basic/transports, Resumability: the rest is asked for with `Last-Event-ID`. */
  #resume(broken: HttpExchange): HttpExchange | undefined {
    const { lastEventId, trip } = broken
    if (this.#closed || lastEventId === '' || broken.resumptions >= RESUMPTIONS) return undefined
    const { 'content-type': _, ...headers } = trip.headers
    const rest = getTrip({ ...headers, ...GET_HEADERS, 'last-event-id': lastEventId })
    const exchange = new HttpExchange({ ...trip, ...rest }, broken.sink, broken)
    const delay = Math.min(broken.retryMs ?? RESUME_AFTER_MS, RESUME_AFTER_AT_MOST_MS)
    setTimeout(() => this.#start(exchange), delay).unref()
    return exchange
  }

  /** The same request once more, with other credentials if there are any by then. */
  #renew(refused: HttpExchange, refusal: Refusal, failure: Failure): HttpExchange | undefined {
    const { credentials } = this.#options.dress
    if (this.#closed || credentials.refused === undefined) return undefined
    const again = new HttpExchange(refused.trip, refused.sink, refused, true)
    credentials.refused(refusal).then(
      (isWorthIt) => (isWorthIt ? this.#start(again) : again.cut(failure)),
      () => again.cut(failure),
    )
    return again
  }

  /** A trip of which nothing but the status matters. */
  #settle(trip: Trip, withinMs: number): Promise<Failure | undefined> {
    // A server may make us answer more than it takes.
    if (this.#open.size >= this.#options.limits.pending) return Promise.resolve(tooMany())
    return new Promise((resolve) => {
      const settle = (failure: Failure) => {
        clearTimeout(timer)
        const taken = failure.kind === 'malformed'
        if (!taken) this.#note(`${trip.method} on the side: ${failure.message}`)
        resolve(taken ? undefined : failure)
      }
      const exchange = new HttpExchange(trip, { receive() {}, fail: settle }, this.#context)
      const timer = setTimeout(() => exchange.cut(late(withinMs)), withinMs)
      this.#start(exchange)
    })
  }

  #start(exchange: HttpExchange): void {
    this.#open.add(exchange)
    const dressed = this.#dress(exchange.trip)
    if (dressed instanceof Promise) void this.#dispatchLater(exchange, dressed)
    else this.#dispatch(exchange, dressed)
  }

  async #dispatchLater(exchange: HttpExchange, dressed: Promise<Headers>): Promise<void> {
    let headers: Headers
    try {
      headers = await dressed
    } catch (cause) {
      exchange.cut(noCredentials(cause as Error))
      this.#open.delete(exchange)
      return
    }
    this.#dispatch(exchange, headers)
  }

  /** Where there are no credentials, that is told later: whoever asked does not listen yet. */
  #dress(trip: Trip): Headers | Promise<Headers> {
    try {
      return this.#options.dress.headers(trip, this.#options.endpoint.url)
    } catch (cause) {
      return Promise.reject(cause)
    }
  }

  #dispatch(exchange: HttpExchange, dressed: Headers): void {
    if (this.#closed) exchange.cut(new Failure('unsent', 'the connection was closed'))
    if (exchange.over) {
      this.#open.delete(exchange)
      return
    }
    exchange.sent = dressed
    const { endpoint } = this.#options
    const { method, body, side } = exchange.trip
    const headers = joined(dressed, exchange.trip.headers)
    const options = { origin: endpoint.url.origin, path: endpoint.path, method, headers, body }
    if (method === 'GET') endpoint.stream(options, exchange)
    else (side ? endpoint.side : endpoint.calls).dispatch(options, exchange)
  }

  #makeContext(): ExchangeContext {
    const { endpoint, limits } = this.#options
    return {
      url: endpoint.url,
      messageBytes: limits.messageBytes,
      errorBytes: limits.errorBytes,
      joined: (bytes) => this.#scavenges.count(bytes),
      ignored: (what) => this.#note(`ignored ${what}`),
      foreign: (id) => {
        this.#note(`ignored a response with the foreign id ${id}`)
        if (Number(id) > 0 && Number(id) <= this.#id) this.#options.late()
      },
      answered: () => {
        this.#sweep ??= setInterval(() => this.#sweepAnswered(), SWEEP_MS).unref()
      },
      ended: (exchange) => this.#open.delete(exchange),
      resume: (exchange) => this.#resume(exchange),
      renew: (exchange, refusal, failure) => this.#renew(exchange, refusal, failure),
      advice: (refusal) => this.#options.dress.credentials.advice?.(refusal),
    }
  }

  #sweepAnswered(): void {
    const open = this.#open.all
    for (const exchange of open) if (exchange.lingers()) exchange.drop()
    if (open.some((exchange) => exchange.over)) return
    clearInterval(this.#sweep)
    this.#sweep = undefined
  }

  #note(message: string): void {
    this.#options.log.debug({ backend: this.#options.name }, message)
  }
}

/** The second wins. On Node 20 a literal with two spreads takes 3 µs, thirty times as long as this. */
function joined(one: Headers, other: Headers): Headers {
  return Object.assign({}, one, other)
}

export function noCredentials(cause: Error): Failure {
  return new Failure('credentials', `there are no credentials for it: ${cause.message}`, { cause })
}

function tooMany(): Failure {
  return new Failure('busy', 'too many requests wait for it already')
}

function late(withinMs: number): Failure {
  return new Failure('broken', `did not take a message within ${withinMs} ms`)
}

function getTrip(headers: Headers): Pick<Trip, 'method' | 'body' | 'headers' | 'side'> {
  return { method: 'GET', body: null, headers, side: true }
}
