import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { Change } from '../../../core/gateway.ts'
import { isObject } from '../calls.ts'
import { changeMethod, relayChanges } from '../changes.ts'
import { notificationFrame } from '../frame.ts'
import type { ModernRequest } from './request.ts'
import { META } from './stamp.ts'

/** The members of the filter that are honoured, and the changes that they are about. */
const HONOURED: Readonly<Record<string, Change['kind']>> = {
  toolsListChanged: 'tools',
  promptsListChanged: 'prompts',
  resourcesListChanged: 'resources',
}

/**
 * `subscriptions/listen`: an acknowledgement, then changes as they happen. The result comes when the
 * subscription ends properly, which is when the gateway or the front closes.
 */
export async function listen(modern: ModernRequest): Promise<Buffer> {
  const { service, request, visit, caller } = modern
  const wanted = honoured(request.params['notifications'])
  if (!visit.outlet.streams) {
    throw new GatewayError(
      'invalid_request',
      'subscriptions/listen answers with a stream: accept text/event-stream',
    )
  }
  const tag = `"${META.subscription}":${request.id.text}`
  const ending = new AbortController()
  const end = () => ending.abort()
  const release = service.listens.open(end)
  visit.cancel.onAbort(end)
  try {
    // A change may be dropped for a client that does not read: others of its kind are waiting for it.
    const tell = (method: string, members = '', lossy = true) =>
      visit.outlet.send(notificationFrame(method, `{${members}"_meta":{${tag}}}`), lossy)
    tell('notifications/subscriptions/acknowledged', `"notifications":${acknowledge(wanted)},`, false)
    if (wanted.length > 0) {
      await relayChanges(service, caller, {
        signal: ending.signal,
        tell: (kind) => {
          if (wanted.some((member) => HONOURED[member] === kind)) tell(changeMethod(kind))
        },
      })
    }
  } finally {
    release()
  }
  return Buffer.from(`{"resultType":"complete","_meta":{${tag},"${META.serverInfo}":${service.identity}}}`)
}

/** What was asked for and can be kept. @throws GatewayError `invalid_params` */
function honoured(filter: unknown): readonly string[] {
  if (!isObject(filter)) {
    throw new GatewayError(
      'invalid_params',
      'params.notifications must be an object that says what to listen for',
    )
  }
  return Object.keys(HONOURED).filter((member) => (filter as JsonObject)[member] === true)
}

function acknowledge(wanted: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(wanted.map((member) => [member, true])))
}
