import { onAbort } from '../../../core/abort.ts'
import type { Ask, Exchange, Notice, RequestRef } from '../../../core/call.ts'
import type { Caller } from '../../../core/caller.ts'
import type { Item } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { RawObject } from '../../../core/raw.ts'
import { withdrawn } from '../asks.ts'
import { Cancel } from '../cancel.ts'
import { requireCapability } from '../capability.ts'
import { RequestExchange } from '../exchange.ts'
import type { RpcRequest } from '../message.ts'
import type { Outcome } from '../outcome.ts'
import type { Visit } from '../visit.ts'
import type { Envelope } from './decode.ts'
import type { RoundEnd } from './round.ts'

/** A request that waits for a call. */
export interface Attendance {
  readonly request: RpcRequest
  readonly envelope: Envelope
  readonly caller: Caller
  readonly visit: Visit
}

interface Question {
  readonly ask: Ask
  readonly resolve: (answer: RawObject) => void
  readonly reject: (error: GatewayError) => void
}

/** Questions that come within this go to the client together. */
export const GATHER_MS = 20
/** A client whose connection broke in a later round may come back and send its retry again. */
export const LINGER_MS = 5_000

/**
 * A call that goes on while its client is asked something between two requests: the client of 2026-07-28 gets
 * questions in a result and answers them in a retry, which goes on with the same call.
 */
export class LiveCall implements Exchange {
  readonly takesInputRequired = true
  readonly cancel = new Cancel()
  /** Of the request that made the call, not of those that go on with it. */
  readonly ref: RequestRef
  /** What the call is about, once it was found. */
  item: Item | undefined
  readonly #questions = new Map<string, Question>()
  readonly #visits = new Set<Visit>()
  readonly #mayAsk: (caller: Caller) => void
  #caller: Caller
  #channel: RequestExchange | undefined
  #done: Promise<RoundEnd> | undefined
  #over = false
  #asked: (() => void) | undefined
  #gathering: NodeJS.Timeout | undefined
  #lingering: NodeJS.Timeout | undefined
  #count = 0

  /**
   * @param mayAsk throws where no more calls can ask; one that has asked may ask on
   * @param isRetry whether the request goes on with what was asked elsewhere, and may come again
   */
  constructor(attendance: Attendance, mayAsk: (caller: Caller) => void, isRetry = false) {
    this.#caller = attendance.caller
    this.ref = attendance.visit.ref
    this.#mayAsk = mayAsk
    this.attach(attendance, isRetry)
  }

  get signal(): AbortSignal {
    return this.cancel.signal
  }

  get caller(): Caller {
    return this.#caller
  }

  onAbort(listener: () => void): () => void {
    return this.cancel.onAbort(listener)
  }

  notify(notice: Notice): void {
    this.#channel?.notify(notice)
  }

  async ask(ask: Ask): Promise<RawObject> {
    requireCapability(this.#caller, ask)
    if (this.#over || this.cancel.aborted) throw ended(ask)
    if (this.#count === 0) this.#mayAsk(this.#caller)
    const key = ask.key ?? `input-${this.#count + 1}`
    this.#count++
    const forget = this.cancel.onAbort(() => this.#give(key, { reject: ended(ask) }))
    const ignore = ask.withdrawn && onAbort(ask.withdrawn, () => this.#give(key, { reject: withdrawn(ask) }))
    const answer = new Promise<RawObject>((resolve, reject) => {
      this.#questions.set(key, { ask, resolve, reject })
    })
    this.#gather()
    return answer.finally(() => {
      forget()
      ignore?.()
    })
  }

  /** Nothing more is relayed to the request that waited until now. */
  close(): void {
    this.#channel?.close()
  }

  start(work: Promise<Outcome>): void {
    this.#done = work.then(
      (outcome) => this.#end({ kind: 'done', outcome }),
      (error: unknown) => this.#end({ kind: 'failed', error }),
    )
  }

  /** What is relayed goes to this request from now on, and the call is cancelled when all of them are. */
  attach({ request, visit, envelope, caller }: Attendance, isRetry = true): void {
    // Without headers there is no connection of its own that could break: the client said that it gives up.
    const atOnce = !isRetry || visit.headers === undefined
    this.#caller = caller
    this.#channel?.close()
    this.#channel = new RequestExchange(request, {
      ref: this.ref,
      outlet: visit.outlet,
      cancel: this.cancel,
      floor: envelope.logLevel,
      takesInputRequired: true,
      ask: (ask) => this.ask(ask),
    })
    this.#visits.add(visit)
    if (this.item !== undefined) visit.sighting?.found(this.item)
    clearTimeout(this.#lingering)
    visit.cancel.onAbort(() => this.#leave(visit, atOnce))
  }

  /** Resolves at the end of the round that begins now. */
  next(): Promise<RoundEnd> {
    return new Promise((resolve) => {
      this.#asked = () => {
        this.#asked = undefined
        this.#visits.clear()
        clearTimeout(this.#lingering)
        this.close()
        resolve({ kind: 'asked', asks: this.#asks() })
      }
      void this.#done?.then(resolve)
      if (this.#questions.size > 0) this.#gather()
    })
  }

  /** Gives the answers of a retry. Questions without one stay open. */
  answer(responses: RawObject | undefined): void {
    for (const key of [...this.#questions.keys()]) {
      const response = responses?.object(key)
      if (response !== undefined) this.#give(key, { resolve: response })
    }
  }

  abort(reason: GatewayError): void {
    this.cancel.abort(reason)
  }

  #give(key: string, answer: { resolve: RawObject } | { reject: GatewayError }): void {
    const question = this.#questions.get(key)
    this.#questions.delete(key)
    if ('resolve' in answer) question?.resolve(answer.resolve)
    else question?.reject(answer.reject)
  }

  #asks(): ReadonlyMap<string, Ask> {
    return new Map([...this.#questions].map(([key, { ask }]) => [key, ask]))
  }

  #gather(): void {
    clearTimeout(this.#gathering)
    this.#gathering = setTimeout(() => {
      if (this.#questions.size > 0) this.#asked?.()
    }, GATHER_MS)
  }

  #leave(visit: Visit, atOnce: boolean): void {
    if (!this.#visits.delete(visit) || this.#visits.size > 0 || this.#over) return
    const { reason } = visit.cancel
    const end = () => this.cancel.abort(reason)
    if (atOnce || reason !== undefined) end()
    else this.#lingering = setTimeout(end, LINGER_MS).unref()
  }

  /** Questions that are open still were those of a part that did not wait for the answer. */
  #end(end: RoundEnd): RoundEnd {
    this.#over = true
    clearTimeout(this.#gathering)
    clearTimeout(this.#lingering)
    for (const [key, { ask }] of [...this.#questions]) this.#give(key, { reject: ended(ask) })
    return end
  }
}

function ended({ method }: Ask): GatewayError {
  return new GatewayError('cancelled', `the call ended before the client answered ${method}`)
}
