import { EventReply } from '../../http/event-reply.ts'
import type { Arrival } from '../arrival.ts'
import { invalidRequest, refuseArrival } from '../refusal.ts'
import { watchStream } from '../watch.ts'
import { type EventId, readEventId } from './events/id.ts'
import type { ResumableStream } from './events/stream.ts'
import type { Session } from './session.ts'
import { openStream, tellAll } from './stream.ts'

/**
 * GET: the rest of the stream that `Last-Event-ID` names, or else the session's own stream (MCP 2025-11-25,
 * basic/transports, Resumability and Redelivery). An id that is not ours is as good as none.
 */
export function streamEvents(arrival: Arrival, session: Session): void {
  const id = readEventId(String(arrival.req.headers['last-event-id'] ?? ''))
  const stream = id === undefined ? undefined : arrival.service.events.find(session, id)
  if (id !== undefined && stream !== undefined) resume(arrival, session, { stream, id })
  else if (id !== undefined && isOver(id, arrival, session)) refuseOver(arrival)
  else open(arrival, session)
}

function open(arrival: Arrival, session: Session): void {
  const { service, res, heartbeat } = arrival
  const stream = service.events.open(session, 'session')
  const reply = new EventReply(res, heartbeat)
  watch(arrival, session, { stream, reply })
  stream.connect(reply)
  stream.onEnd = openStream(service, session, stream)
}

function resume(
  arrival: Arrival,
  session: Session,
  { stream, id }: { readonly stream: ResumableStream; readonly id: EventId },
): void {
  const reply = new EventReply(arrival.res, arrival.heartbeat)
  watch(arrival, session, { stream, reply })
  const isAll = stream.connect(reply, id.place)
  if (stream.kind === 'answer') return
  if (!isAll) tellAll(stream)
  session.returned()
}

/** It ends with the token that it was opened with. The session's time to live runs from when its client went away. */
function watch(
  arrival: Arrival,
  session: Session,
  { stream, reply }: { readonly stream: ResumableStream; readonly reply: EventReply },
): void {
  const sighting = watchStream(arrival, session.caller)
  const { res, service, principal } = arrival
  // Who comes back with a good token misses nothing.
  const forget = service.stays.begin({ principal, end: () => res.end() })
  res.once('close', () => {
    forget()
    sighting?.done(200, true)
    session.lastUsed = performance.now()
    stream.disconnect(reply)
    if (!stream.resumable) stream.end()
  })
}

/**
 * Nothing more comes after such an event: its answer was sent, or is no longer kept, or another stream has taken
 * its place. To open the session's own stream instead would end the one that the client may have open.
 */
function isOver({ kind }: EventId, { service }: Arrival, session: Session): boolean {
  return kind === 'answer' || service.events.listening(session)
}

/** The one answer besides a stream that a GET may have (MCP 2025-11-25, basic/transports). Clients stop at it. */
function refuseOver(arrival: Arrival): void {
  const message =
    'nothing more comes on the stream that Last-Event-ID names; leave the header out for a new one'
  refuseArrival(arrival, invalidRequest(405, message, ['allow', 'POST, DELETE']))
}
