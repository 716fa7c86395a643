import { changeMethod, relayChanges } from '../changes.ts'
import { notificationFrame } from '../frame.ts'
import type { Outlet } from '../outlet.ts'
import type { Service } from '../service.ts'
import type { Session } from './session.ts'

const KINDS = ['tools', 'prompts', 'resources'] as const

/**
 * The stream on which a session hears of changes until it ends. A session has one: a second one takes the
 * place of the first, because a client that reconnects may be ahead of the news that its old stream broke.
 * Returns what ends it.
 */
export function openStream(service: Service, session: Session, outlet: Outlet): () => void {
  const ending = new AbortController()
  const end = () => ending.abort()
  const tell = (kind: (typeof KINDS)[number]) => outlet.send(notificationFrame(changeMethod(kind)), true)
  const mayHaveMissed = session.attach(end)
  void relayChanges(service, session.caller, { signal: ending.signal, tell }).then(() => {
    session.detach(end)
    outlet.end()
  })
  if (mayHaveMissed) for (const kind of KINDS) tell(kind)
  return end
}
