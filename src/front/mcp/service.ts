import { setMaxListeners } from 'node:events'
import { Brief } from '../../core/brief.ts'
import type { Gateway } from '../../core/gateway.ts'
import { allOf, type Witness } from '../../core/witness.ts'
import type { FrontOptions } from '../options.ts'
import { Binding } from './binding.ts'
import { EventStore } from './legacy/events/store.ts'
import { renderLegacy } from './legacy/project.ts'
import { Sessions } from './legacy/sessions.ts'
import { ParamHeaders } from './modern/param-headers.ts'
import { Parking } from './modern/parking.ts'
import { renderModern } from './modern/project.ts'
import { Pages } from './pages.ts'
import { Running } from './running.ts'
import { Seal } from './seal.ts'
import { Stays } from './stays.ts'
import { Streams } from './streams.ts'

/** What the requests of one front share. */
export interface Service {
  readonly gateway: Gateway
  readonly options: FrontOptions
  /** For what may fail very often. */
  readonly brief: Brief
  /** Of now; `undefined` where nobody looks. */
  readonly witness: Witness | undefined
  /** JSON text of our `serverInfo`, as it is now. */
  readonly identity: string
  readonly legacyPages: Pages
  readonly modernPages: Pages
  readonly paramHeaders: ParamHeaders
  readonly seal: Seal
  readonly parking: Parking
  readonly sessions: Sessions
  /** What legacy sessions may come back for. */
  readonly events: EventStore
  /** Streams that are open on account of who opened them. */
  readonly stays: Stays
  /** Open `subscriptions/listen` requests. */
  readonly listens: Streams
  readonly running: Running
  /**
   * Fires when the front closes. Finding things takes this signal: it is quick, and a signal of its own for
   * each request would cost more than the finding.
   */
  readonly closing: AbortController
}

const MAX_LISTENS = 1024
const NOBODY: readonly Witness[] = []

export function createService(gateway: Gateway, options: FrontOptions): Service {
  const binding = new Binding()
  const witness = latest(
    () => options.witnesses ?? NOBODY,
    (all) => allOf(all, (err) => options.log.error({ err }, 'what a client does could not be observed')),
  )
  const { version } = options
  const identity = latest(
    () => options.name,
    (name) => JSON.stringify({ name, version }),
  )
  const events = new EventStore()
  const onSessionClosed = (session: string) => {
    events.forget(session)
    options.onSessionClosed(session)
  }
  return {
    gateway,
    options,
    brief: new Brief(options.log),
    get witness() {
      return witness()
    },
    get identity() {
      return identity()
    },
    legacyPages: new Pages(renderLegacy()),
    modernPages: new Pages(renderModern(identity)),
    paramHeaders: new ParamHeaders(),
    seal: new Seal(),
    parking: new Parking({}, binding),
    sessions: new Sessions(() => options.sessions, onSessionClosed, binding),
    events,
    stays: new Stays(options),
    listens: new Streams(MAX_LISTENS),
    running: new Running(),
    closing: endless(),
  }
}

/** What is made of something that may be another later, made once for each. */
function latest<T, V>(read: () => T, make: (from: T) => V): () => V {
  let from = read()
  let made = make(from)
  return () => {
    const now = read()
    if (now !== from) {
      made = make(now)
      from = now
    }
    return made
  }
}

/** Any number of requests may listen to it at a time. */
function endless(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
