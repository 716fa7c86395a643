import type { Log } from '../../core/log.ts'
import { answerHere, isAsk } from './ask.ts'
import type { Base, Flight } from './flight.ts'
import type { Message } from './message.ts'
import { resultFrame } from './message.ts'
import type { Roster } from './roster.ts'

export interface StraysOptions {
  /** The calls in progress on the connection. */
  readonly flights: Roster<Flight>
  readonly base: Base
  /** Whether no client is behind the connection, who could have roots. */
  readonly home: boolean
  readonly log: Log
  /** The server says that a list has changed. */
  readonly changed: () => void
}

/**
 * Messages that do not say which call they belong to. Where exactly one call is in progress they can be
 * about nothing else; where there are several, relaying them would show one client what is meant for another.
 */
export class Strays {
  readonly #options: StraysOptions

  constructor(options: StraysOptions) {
    this.#options = options
  }

  receive(message: Message): void {
    if (message.kind === 'request') this.#onRequest(message)
    else if (message.kind === 'notification') this.#onNotification(message)
  }

  #onRequest(request: Message & { kind: 'request' }): void {
    const flight = isAsk(request.method) ? this.#options.flights.only : undefined
    if (flight !== undefined) flight.receive(request)
    else if (this.#options.home && request.method === 'roots/list')
      this.#options.base.answer(resultFrame(request.id, NO_ROOTS))
    else this.#options.base.answer(answerHere(request))
  }

  #onNotification(message: Message & { kind: 'notification' }): void {
    const { method } = message
    const { log, base, changed, flights } = this.#options
    const flight = method === 'notifications/message' ? flights.only : undefined
    if (LIST_CHANGED.has(method)) changed()
    else if (flight !== undefined) flight.receive(message)
    else log.debug({ backend: base.name, method }, 'dropped a notification that belongs to no call')
  }
}

const NO_ROOTS = Buffer.from('{"roots":[]}')

const LIST_CHANGED: ReadonlySet<string> = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
])
