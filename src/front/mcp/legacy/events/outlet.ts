import type { EventReply } from '../../../http/event-reply.ts'
import { HttpOutlet } from '../../../http/outlet.ts'
import type { Arrival } from '../../arrival.ts'
import type { Outlet } from '../../outlet.ts'
import type { Session } from '../session.ts'
import { type EventStore, isPrimed } from './store.ts'

/** The reply to a request in a session. Where it is a stream, the client can come back for it. */
export class SessionOutlet extends HttpOutlet {
  readonly #events: EventStore
  readonly #session: Session

  constructor({ req, res, heartbeat, service }: Arrival, session: Session) {
    super(req, res, heartbeat)
    this.#events = service.events
    this.#session = session
  }

  override get resumable(): boolean {
    return isPrimed(this.#session)
  }

  protected override streamOn(reply: EventReply): Outlet {
    const stream = this.#events.open(this.#session, 'answer')
    stream.connect(reply)
    return stream
  }
}
