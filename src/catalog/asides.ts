import { GatewayError } from '../core/errors.ts'
import type { Change } from '../core/gateway.ts'
import type { ClientSessions } from '../core/ports.ts'
import type { Mailbox } from '../core/topic.ts'

/** Puts into the mailbox what backends say to a legacy session, until it ends. */
export function hearAsides(
  sessions: ClientSessions,
  session: string | undefined,
  mailbox: Mailbox<Change>,
): void {
  if (session !== undefined) mailbox.onEnd(sessions.hear(session, (aside) => take(aside, mailbox)))
}

/** A client that does not read its stream is not asked anything. */
function take(change: Change, mailbox: Mailbox<Change>): void {
  if (mailbox.add(change) || change.kind !== 'ask') return
  const error = new GatewayError('unavailable', 'the client does not read what it is sent')
  change.reply(Promise.reject(error))
}
