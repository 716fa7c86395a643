import type { Notice } from '../../core/call.ts'
import type { Aside } from '../../core/gateway.ts'
import type { Log } from '../../core/log.ts'
import type { RawObject } from '../../core/raw.ts'
import { answerHere, isAsk } from './ask.ts'
import type { Base, Flight } from './flight.ts'
import type { Message } from './message.ts'
import { resultFrame } from './message.ts'
import { bareParams } from './meta.ts'
import type { Roster } from './roster.ts'

export interface StraysOptions {
  /** The calls in progress on the connection. */
  readonly flights: Roster<Flight>
  readonly base: Base
  /** Whether no client is behind the connection, who could have roots. */
  readonly home: boolean
  readonly log: Log
  readonly events: StrayEvents
}

export interface StrayEvents {
  /** The server says that a list has changed. */
  changed(): void
  /** The server says that something happened to what somebody subscribed to. */
  updated(notice: Notice): void
  /** What is for the one client of the connection. @returns whether somebody took it */
  aside(aside: Aside): boolean
}

/**
 * Messages that do not say which call they belong to. Where exactly one call is in progress they can be
 * about nothing else; where there are several, relaying them would show one client what is meant for another,
 * unless the connection has one client only.
 */
export class Strays {
  readonly #options: StraysOptions

  constructor(options: StraysOptions) {
    this.#options = options
  }

  receive(message: Message): void {
    if (message.kind === 'request') this.#onRequest(message)
    else if (message.kind === 'notification') this.#tryNotification(message)
  }

  /** The wire that this runs on belongs to others too. */
  #tryNotification(message: Message & { kind: 'notification' }): void {
    try {
      this.#onNotification(message)
    } catch (err) {
      const { log, base } = this.#options
      log.error({ backend: base.name, method: message.method, err }, 'a notification was not relayed')
    }
  }

  #onRequest(request: Message & { kind: 'request' }): void {
    const { flights, home, base } = this.#options
    const flight = isAsk(request.method) ? flights.only : undefined
    if (flight !== undefined) flight.receive(request)
    else if (home && request.method === 'roots/list') base.answer(resultFrame(request.id, NO_ROOTS))
    else if (!isAsk(request.method) || !this.#askAside(request)) base.answer(answerHere(request))
  }

  #askAside(request: Message & { kind: 'request' }): boolean {
    const { base, events } = this.#options
    const { questions } = base
    const reply = (answer: Promise<RawObject>) =>
      void questions.answer(request, answer).then((frame) => frame && base.answer(frame))
    const send = (frame: Buffer) => base.answer(frame)
    const taken = events.aside({ backend: base.name, kind: 'ask', ask: questions.open(request, send), reply })
    if (!taken) questions.close(request)
    return taken
  }

  #onNotification(message: Message & { kind: 'notification' }): void {
    const { method } = message
    const { log, base, events, flights } = this.#options
    const notice: Notice = { method, params: bareParams(message) }
    if (LIST_CHANGED.has(method)) events.changed()
    else if (UPDATES.has(method)) events.updated(notice)
    else if (method === 'notifications/cancelled') base.questions.withdraw(notice.params)
    else if (method === 'notifications/progress') this.#progress(message)
    else if (method === 'notifications/message' && flights.only !== undefined) flights.only.receive(message)
    else if (method === ACKNOWLEDGED || !events.aside({ backend: base.name, kind: 'notice', notice }))
      log.debug({ backend: base.name, method }, 'dropped a notification that belongs to no call')
  }

  /** Some servers report on their own stream how far a call is. */
  #progress(message: Message & { kind: 'notification' }): void {
    const token = message.raw.object('params')?.text('progressToken')
    this.#options.flights.find(({ id }) => String(id) === token)?.receive(message)
  }
}

const NO_ROOTS = Buffer.from('{"roots":[]}')

const LIST_CHANGED: ReadonlySet<string> = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
])

/** Sent to those who subscribed. */
const UPDATES: ReadonlySet<string> = new Set(['notifications/resources/updated', 'notifications/tasks'])

/** About a request of this hop, whose id means nothing on the next. */
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
