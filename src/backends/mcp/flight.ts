import type { Exchange } from '../../core/call.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { RawObject } from '../../core/raw.ts'
import { answerHere, isAsk, type Questions } from './ask.ts'
import type { Channel, OutgoingRequest, Sink, Ticket } from './channel.ts'
import type { Failure } from './failure.ts'
import type { Message } from './message.ts'
import { errorFrame } from './message.ts'
import type { Landing } from './result.ts'
import type { Seated } from './roster.ts'

/** What a connection gives to each of its requests. */
export interface Base {
  readonly name: string
  readonly channel: Channel
  readonly timeoutMs: number
  /** The most that progress extends a call to; `undefined`: it extends nothing. */
  readonly extendMs?: number | undefined
  /** Whether it is the gateway that asks, and no client has to know whether something may have run. */
  readonly own?: boolean
  readonly log: Log
  /** What the server has asked on this connection. */
  readonly questions: Questions
  /** Tells the server that a request was given up. */
  cancel(id: number, reason: string): void
  /** Sends the answer to a request of the server. */
  answer(frame: Buffer): void
  /** Takes notifications that came with the answer and are not about the call. */
  stray?(message: Message): void
  /** Something about the call may come after its end. */
  lingers?(): void
}

/** The same for what has a deadline of its own. */
export function untimed(base: Base): Base {
  return {
    name: base.name,
    channel: base.channel,
    log: base.log,
    questions: base.questions,
    timeoutMs: 0,
    cancel: (id, reason) => base.cancel(id, reason),
    answer: (frame) => base.answer(frame),
    stray: (message) => base.stray?.(message),
  }
}

/** The same for what the gateway asks for itself. */
export function owned(base: Base): Base {
  return { ...untimed(base), timeoutMs: base.timeoutMs, own: true }
}

/** Notifications that belong to the call which they come with. */
const RELAYED: ReadonlySet<string> = new Set(['notifications/progress', 'notifications/message'])
/** Requests that a server makes at the same time in the course of one call. */
const ASKS = 100
const LITTLE_MS = 10

/** One request on its way, from sending to its response, with all that happens in between. */
export class Flight implements Sink, Seated {
  seat = -1
  readonly #base: Base
  readonly #exchange: Exchange
  #id = -1
  #ticket: Ticket | undefined
  #timer: NodeJS.Timeout | undefined
  #asks = 0
  #landed = false
  /** When its time began to run. */
  #began: number
  /** Ends the listening for the abort of the call. */
  #forget: () => void = () => {}
  #resolve: (landing: Landing) => void = () => {}
  #reject: (error: GatewayError) => void = () => {}

  /** @param began when its time began to run, by `performance.now()`, where that was before now */
  constructor(base: Base, exchange: Exchange, began: number = performance.now()) {
    this.#base = base
    this.#exchange = exchange
    this.#began = began
  }

  /** The JSON-RPC id of the request, which is its progress token too. */
  get id(): number {
    return this.#id
  }

  /** A header of the HTTP response. */
  header(name: string): string | undefined {
    return this.#ticket?.header(name)
  }

  /** @throws GatewayError `timeout`, `cancelled` */
  send(request: OutgoingRequest): Promise<Landing> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#id = request.id
      this.#forget = this.#exchange.onAbort(this.#onAbort)
      if (this.#landed) return
      this.#arm(this.#left())
      this.#ticket = this.#base.channel.request(request, this)
    })
  }

  receive(message: Message): void {
    if (this.#landed) return
    if (message.kind === 'response') this.#land(() => this.#resolve(message.raw))
    else if (message.kind === 'request') this.#onRequest(message)
    else this.#onNotification(message)
  }

  fail(failure: Failure): void {
    this.#land(() => this.#resolve(failure))
  }

  #onNotification(message: Message & { kind: 'notification' }): void {
    const params = message.raw.object('params') ?? RawObject.empty
    if (message.method === 'notifications/progress') this.#extend()
    try {
      if (RELAYED.has(message.method)) this.#exchange.notify({ method: message.method, params })
      else this.#base.stray?.(message)
    } catch (err) {
      // The wire that this runs on belongs to others too.
      this.#base.log.error(
        { backend: this.#base.name, method: message.method, request: this.#exchange.ref?.id, err },
        'a notification was not relayed',
      )
    }
  }

  #onRequest(request: Message & { kind: 'request' }): void {
    if (!isAsk(request.method)) this.#base.answer(answerHere(request))
    else if (this.#asks >= ASKS)
      this.#base.answer(
        errorFrame(request.id, { code: -32603, message: 'too many requests at the same time' }),
      )
    else void this.#ask(request)
  }

  /** The clock of the call stands while the client is asked: people think longer than machines. */
  async #ask(request: Message & { kind: 'request' }): Promise<void> {
    this.#asks++
    clearTimeout(this.#timer)
    const { questions } = this.#base
    const ask = questions.open(request, (frame) => this.#base.answer(frame))
    // That the user has been to the page is told later (MCP 2025-11-25, client/elicitation, Completion Notifications).
    if (ask.params.has('elicitationId')) this.#base.lingers?.()
    const answer = this.#exchange.ask(ask)
    const refusal = await answer.then(
      () => undefined,
      (error: unknown) => GatewayError.from(error),
    )
    const frame = await questions.answer(request, answer)
    this.#asks--
    // A client that is asked by results can declare what is missing, and call again (MCP 2026-07-28, basic, Errors).
    if (refusal?.code === 'capability_required' && this.#exchange.takesInputRequired && !this.#landed)
      return this.#giveUp(refusal, refusal.message)
    if (this.#asks === 0 && !this.#landed) {
      this.#began = performance.now()
      this.#arm(this.#base.timeoutMs)
    }
    // Also when the call is over: the server may wait for the answer all the same.
    if (frame !== undefined) this.#base.answer(frame)
  }

  /** What little is spent is not counted: timers of the same length cost less. */
  #left(): number {
    const spent = performance.now() - this.#began
    return spent < LITTLE_MS ? this.#base.timeoutMs : Math.max(1, this.#base.timeoutMs - spent)
  }

  #arm(ms: number): void {
    if (this.#base.timeoutMs > 0) this.#timer = setTimeout(this.#onTimeout, ms)
  }

  /** From progress on a call has its whole time again, up to a bound. */
  #extend(): void {
    const { extendMs, timeoutMs } = this.#base
    if (extendMs === undefined || timeoutMs === 0 || this.#landed || this.#asks > 0) return
    const left = this.#began + extendMs - performance.now()
    if (left < 1) return
    clearTimeout(this.#timer)
    this.#arm(Math.min(timeoutMs, left))
  }

  #onTimeout = (): void => {
    const waited = Math.round(performance.now() - this.#began)
    this.#giveUp(tooLate(this.#base, Math.max(waited, this.#base.timeoutMs)), 'timeout')
  }

  #onAbort = (): void => {
    this.#giveUp(new GatewayError('cancelled', 'the call was cancelled'), 'cancelled by the client')
  }

  #giveUp(error: GatewayError, reason: string): void {
    const sent = this.#ticket !== undefined
    this.#land(() => this.#reject(error))
    if (!sent) return
    this.#base.cancel(this.#id, reason)
    this.#ticket?.drop()
  }

  #land(settle: () => void): void {
    if (this.#landed) return
    this.#landed = true
    clearTimeout(this.#timer)
    this.#forget()
    settle()
  }
}

/** @param ms of waiting */
export function tooLate({ name, extendMs, timeoutMs, own }: Base, ms = timeoutMs): GatewayError {
  // Timers are not exact, and only what progress has extended is another time than the one that was set.
  const shown = extendMs === undefined ? timeoutMs : ms
  const consequence = own ? '' : '; the call was cancelled there, and may have run'
  const message = `backend '${name}' did not answer within ${shown} ms${consequence}`
  return new GatewayError('timeout', message, { data: { backend: name } })
}
