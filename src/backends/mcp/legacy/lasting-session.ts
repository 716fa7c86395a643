import { GatewayError } from '../../../core/errors.ts'
import type { ConnectOptions } from '../connection.ts'
import { Failure } from '../failure.ts'
import { initialize, type Session } from './handshake.ts'

interface SessionEvents {
  /** The server has forgotten the session: another is about to begin. */
  forgotten(): void
  begun(): void
  /** No other could be begun. */
  lost(error: GatewayError): void
}

/** The session with a server. One that restarted has forgotten it, whereupon another is begun, once for all that need it. */
export class LastingSession {
  readonly #options: ConnectOptions
  readonly #events: SessionEvents
  #now: Session
  #renewal: Promise<void> | undefined

  constructor(options: ConnectOptions, session: Session, events: SessionEvents) {
    this.#options = options
    this.#now = session
    this.#events = events
  }

  get now(): Session {
    return this.#now
  }

  get isBeingRenewed(): boolean {
    return this.#renewal !== undefined
  }

  /** @throws GatewayError */
  renew(): Promise<void> {
    this.#renewal ??= this.#begin()
      .catch((error: unknown) => {
        this.#events.lost(GatewayError.from(error))
        throw error
      })
      .finally(() => {
        this.#renewal = undefined
      })
    return this.#renewal
  }

  async #begin(): Promise<void> {
    const { name, log, limits } = this.#options.site
    this.#events.forgotten()
    log.info({ backend: name }, 'the server has forgotten the session; beginning a new one')
    const signal = AbortSignal.timeout(limits.connectMs)
    this.#now = await initialize(this.#options, signal).catch((error: unknown) => refuse(name, error))
    this.#events.begun()
  }
}

/** What wanted the session was not executed, and may go to a server that was found out anew. */
function refuse(name: string, error: unknown): never {
  const { message } = GatewayError.from(error)
  throw new Failure('unsent', `it has forgotten the session, and begins no new one: ${message}`).toError(name)
}
