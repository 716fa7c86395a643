import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { isSaidIn, type Refusal, type Sendable, secretsIn, wordsOf } from '../../auth/index.ts'
import type { Headers, Sink, Ticket } from '../channel.ts'
import { Failure, NOT_RPC } from '../failure.ts'
import type { Message } from '../message.ts'
import { decode, decodeAll } from '../message.ts'
import { Pieces } from '../pieces.ts'
import type { Seated } from '../roster.ts'
import { EventStream } from './event-stream.ts'
import { broken, refused, unreachable } from './failures.ts'

/** One HTTP exchange, as it is to be made. */
export interface Trip extends Sendable {
  /** Of the JSON-RPC request that is to be answered; -1 where there is none. */
  readonly id: number
  readonly headers: Headers
  /** On the sockets beside those of the calls. */
  readonly side: boolean
}

/** What all exchanges of one channel have in common. */
export interface ExchangeContext {
  readonly url: URL
  readonly messageBytes: number
  readonly errorBytes: number
  /** For the log: something came that nobody asked for. */
  readonly ignored: (what: string) => void
  /** A response came that answers another request, or none. */
  readonly foreign: (id: string | undefined) => void
  /** The response came, and the stream that brought it is still open. */
  readonly answered: () => void
  /** It is over on the wire. */
  readonly ended: (exchange: HttpExchange) => void
  /** A reply of so many bytes was joined from several chunks. */
  readonly joined: (bytes: number) => void
  /** The stream broke before the response came. @returns the exchange that brings the rest */
  readonly resume: (exchange: HttpExchange) => HttpExchange | undefined
  /** Its credentials were refused. @returns the exchange that has another try, and fails with `failure` where there is none */
  readonly renew: (exchange: HttpExchange, refusal: Refusal, failure: Failure) => HttpExchange | undefined
  readonly advice: (refusal: Refusal) => string | undefined
}

type Body = 'json' | 'events' | 'error' | 'none'

/** One request and its answer: a JSON reply or an event stream. */
export class HttpExchange implements Dispatcher.DispatchHandler, Ticket, Seated {
  seat = -1
  readonly trip: Trip
  readonly sink: Sink
  /** How often this answer was resumed before. */
  readonly resumptions: number
  /** Whether this is the other try after credentials that were refused. */
  readonly isRenewed: boolean
  /** The headers that it is made with, credentials included, once it is. */
  sent: Headers = {}
  readonly #context: ExchangeContext
  #controller: Dispatcher.DispatchController | undefined
  #headers: IncomingHttpHeaders | undefined
  #status = 0
  #body: Body = 'none'
  readonly #received = new Pieces()
  #chunks = 0
  /** Something came on the event stream that is neither the answer nor on the way to it. */
  #rubbish = false
  #events: EventStream | undefined
  #successor: HttpExchange | undefined
  /** Nothing more is told to the sink. */
  #over = false
  #lingering = false

  constructor(trip: Trip, sink: Sink, from: ExchangeContext | HttpExchange, isRenewed = false) {
    this.trip = trip
    this.sink = sink
    this.#context = from instanceof HttpExchange ? from.#context : from
    this.resumptions = from instanceof HttpExchange && !isRenewed ? from.resumptions + 1 : 0
    this.isRenewed = isRenewed || (from instanceof HttpExchange && from.isRenewed)
  }

  get lastEventId(): string {
    return this.#events?.lastId ?? ''
  }

  get retryMs(): number | undefined {
    return this.#events?.retryMs
  }

  get over(): boolean {
    return this.#over
  }

  /** Whether the answer was complete already when this was last asked, and the stream is still open. */
  lingers(): boolean {
    const before = this.#lingering
    this.#lingering = this.#over
    return before
  }

  drop(): void {
    this.#over = true
    this.#controller?.abort(new Error('dropped'))
    this.#successor?.drop()
  }

  /** Ends it from our side, and says why. */
  cut(failure: Failure): void {
    if (this.#successor !== undefined) this.#successor.cut(failure)
    else if (!this.#over) this.#fail(failure)
    this.drop()
  }

  header(name: string): string | undefined {
    const successor = this.#successor?.isRenewed === true ? this.#successor : undefined
    if (successor !== undefined && !this.isRenewed) return successor.header(name)
    const value = this.#headers?.[name]
    return Array.isArray(value) ? value[0] : value
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#over) controller.abort(new Error('dropped'))
  }

  onResponseStart(_: unknown, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    this.#body = bodyOf(status, this.header('content-type') ?? '')
    if (this.#body !== 'events') return
    this.#events = this.#openStream()
    this.sink.opened?.()
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    if (this.#over) return
    if (this.#events !== undefined) this.#events.push(chunk)
    else this.#collect(chunk)
  }

  onResponseEnd(): void {
    this.#context.ended(this)
    if (!this.#over) this.#finish()
  }

  /** The reply is complete, or more of it does not matter. */
  #finish(): void {
    if (this.#body === 'json') this.#deliverJson()
    else if (this.#body === 'events') this.#interrupt(new Error('the event stream ended'))
    else if (this.#body === 'error') this.#deliverError()
    else this.#fail(new Failure('malformed', `answered with HTTP ${this.#status} and no message`))
  }

  onResponseError(_: unknown, error: Error): void {
    this.#context.ended(this)
    if (this.#over) return
    if (this.#controller === undefined) this.#fail(unreachable(this.#context.url, error))
    else this.#interrupt(error)
  }

  #interrupt(error: Error): void {
    this.#successor = this.#body === 'events' ? this.#context.resume(this) : undefined
    if (this.#successor !== undefined) this.#over = true
    else this.#fail(this.#rubbish ? new Failure('malformed', NOT_RPC) : broken(error))
  }

  #openStream(): EventStream {
    return new EventStream({
      limit: this.#context.messageBytes,
      event: (event) => {
        if (event.type === 'message' && event.data.length > 0) this.#deliver(event.data)
      },
      oversize: () => this.#tooLarge(),
    })
  }

  #collect(chunk: Buffer): void {
    this.#chunks++
    this.#received.push(chunk)
    const { messageBytes, errorBytes } = this.#context
    if (this.#body === 'json') {
      if (this.#received.size > messageBytes) this.#tooLarge()
    } else if (this.#received.size > errorBytes) {
      this.#finish()
      this.drop()
    }
  }

  #tooLarge(): void {
    const limit = this.#context.messageBytes
    this.cut(new Failure('too_large', `answered with more than ${limit} bytes, the limit of one message`))
  }

  #deliverJson(): void {
    this.#deliver(this.#whole())
    if (this.#over) return
    this.#fail(new Failure('malformed', NOT_RPC))
  }

  #deliverError(): void {
    const refusal = this.#refusal()
    const text = this.#whole()
    const message = isSaidIn(text, secretsIn(this.sent)) ? undefined : decode(text)
    const response = message?.kind === 'response' && message.raw.has('error') ? message.raw : undefined
    const known = refusal && { advice: this.#context.advice(refusal), words: wordsOf(refusal) }
    const failure = refused(this.#context.url, this.#status, response, known)
    if (refusal !== undefined && !this.isRenewed)
      this.#successor = this.#context.renew(this, refusal, failure)
    if (this.#successor === undefined) this.#fail(failure)
    else this.#over = true
  }

  #refusal(): Refusal | undefined {
    if (this.#status !== 401 && this.#status !== 403) return undefined
    const challenge = this.header('www-authenticate')
    return { status: this.#status, challenge, sent: this.sent, caller: this.trip.caller }
  }

  #deliver(bytes: Buffer): void {
    const messages = decodeAll(bytes)
    if (messages.length === 0) this.#context.ignored('something that is not a JSON-RPC message')
    this.#rubbish ||= messages.length === 0
    for (const message of messages) {
      if (this.#over) return
      if (message.kind !== 'response' || this.#takes(message)) this.sink.receive(message)
      else {
        this.#rubbish = true
        this.#context.foreign(message.id)
      }
    }
  }

  #takes(message: Message & { kind: 'response' }): boolean {
    if (message.id !== String(this.trip.id) && !this.#isAnonymousError(message)) return false
    this.#over = true
    if (this.#body === 'events') this.#context.answered()
    return true
  }

  /** An error without an id, as the whole reply, can be about nothing else than this request. */
  #isAnonymousError(message: Message & { kind: 'response' }): boolean {
    return this.#body === 'json' && (message.id ?? 'null') === 'null' && message.raw.has('error')
  }

  #fail(failure: Failure): void {
    this.#over = true
    this.sink.fail(failure)
  }

  #whole(): Buffer {
    const whole = this.#received.take()
    if (this.#chunks > 1) this.#context.joined(whole.length)
    return whole
  }
}

function bodyOf(status: number, contentType: string): Body {
  if (status >= 300) return 'error'
  if (contentType.startsWith('application/json')) return 'json'
  if (contentType.startsWith('text/event-stream')) return 'events'
  return status === 200 ? 'json' : 'none'
}
