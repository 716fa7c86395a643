import type { Notice } from '../../core/call.ts'
import type { Aside } from '../../core/gateway.ts'
import type { Log } from '../../core/log.ts'
import { RawObject } from '../../core/raw.ts'
import { answerFrame, answerHere, askOf, isAsk } from './ask.ts'
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
    else if (message.kind === 'notification') this.#onNotification(message)
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
    return events.aside({
      kind: 'ask',
      ask: askOf(request),
      reply: (answer) => void answerFrame(request, answer).then((frame) => base.answer(frame)),
    })
  }

  #onNotification(message: Message & { kind: 'notification' }): void {
    const { method } = message
    const { log, base, events, flights } = this.#options
    const notice: Notice = { method, params: message.raw.object('params') ?? RawObject.empty }
    if (LIST_CHANGED.has(method)) events.changed()
    else if (UPDATES.has(method)) events.updated(notice)
    else if (method === 'notifications/message' && flights.only !== undefined) flights.only.receive(message)
    else if (HOP.has(method) || !events.aside({ kind: 'notice', notice }))
      log.debug({ backend: base.name, method }, 'dropped a notification that belongs to no call')
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

/** Notifications about requests of this hop, whose ids mean nothing on the next. */
const HOP: ReadonlySet<string> = new Set([
  'notifications/cancelled',
  'notifications/progress',
  'notifications/subscriptions/acknowledged',
])
