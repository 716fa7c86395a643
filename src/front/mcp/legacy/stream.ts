import type { Notice } from '../../../core/call.ts'
import type { Aside } from '../../../core/gateway.ts'
import { Cancel } from '../cancel.ts'
import { requireCapability } from '../capability.ts'
import { changeMethod, relayChanges } from '../changes.ts'
import { notificationFrame } from '../frame.ts'
import { floorOf, passes } from '../log-level.ts'
import type { Outlet, StandingOutlet } from '../outlet.ts'
import type { Service } from '../service.ts'
import type { Session, SessionStream } from './session.ts'

/** MCP 2025-11-25, basic/utilities/tasks. */
const TASK_STATUS = 'notifications/tasks/status'
const KINDS = ['tools', 'prompts', 'resources'] as const

/**
 * The stream on which a session hears of changes, and of what belongs to no call, until it ends. A session has
 * one: a second one takes the place of the first, because a client that reconnects may be ahead of the news that
 * its old stream broke. Returns what ends it.
 */
export function openStream(service: Service, session: Session, outlet: StandingOutlet): () => void {
  const cancel = new Cancel()
  const changed = (kind: (typeof KINDS)[number]) => outlet.send(notificationFrame(changeMethod(kind)), true)
  const tell = ({ method, params }: Notice) => outlet.send(notificationFrame(method, params.bytes), true)
  const aside = (said: Aside) => {
    if (said.kind === 'ask') said.reply(askOn({ outlet, cancel }, session, said))
    else if (isWanted(said.notice, session)) tell(shown(said, session))
  }
  const stream: SessionStream = {
    get connected() {
      return outlet.connected
    },
    tell(notice) {
      if (!outlet.connected) return false
      tell(notice)
      return true
    },
    end: () => cancel.abort(),
  }
  const mayHaveMissed = session.attach(stream)
  void relayChanges(service, session.caller, { signal: cancel.signal, changed, aside }).then(() => {
    session.detach(stream)
    outlet.end()
  })
  if (mayHaveMissed) tellAll(outlet)
  return stream.end
}

/** For a client that may have missed changes. */
export function tellAll(outlet: Outlet): void {
  for (const kind of KINDS) outlet.send(notificationFrame(changeMethod(kind)), true)
}

async function askOn(
  stream: { readonly outlet: Outlet; readonly cancel: Cancel },
  session: Session,
  { ask, backend }: Extract<Aside, { kind: 'ask' }>,
) {
  requireCapability(session.caller, ask)
  const params = session.madeTasks?.related(ask.params, backend) ?? ask.params
  return session.asks.ask({ ...ask, params }, stream)
}

/** As the client knows the tasks that it is about. */
function shown({ notice, backend }: Extract<Aside, { kind: 'notice' }>, { madeTasks }: Session): Notice {
  const { method, params } = notice
  if (madeTasks === undefined) return notice
  if (method !== TASK_STATUS) return { method, params: madeTasks.related(params, backend) }
  return { method, params: madeTasks.shown(params, backend) }
}

function isWanted({ method, params }: Notice, { caller }: Session): boolean {
  return method !== 'notifications/message' || passes(params.value('level'), floorOf(caller))
}
