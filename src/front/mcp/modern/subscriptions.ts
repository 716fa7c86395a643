import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { ListChange } from '../../../core/gateway.ts'
import { isObject } from '../calls.ts'
import { changeMethod, relayChanges } from '../changes.ts'
import { notificationFrame } from '../frame.ts'
import type { ModernRequest } from './request.ts'
import { META } from './stamp.ts'
import { type Standing, subscribe } from './subscribe.ts'

/** The members of the filter that are about lists, and the changes that they are about. */
const LISTS: Readonly<Record<string, ListChange['kind']>> = {
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
  const filter = readFilter(request.params['notifications'])
  if (!visit.outlet.streams) {
    throw new GatewayError(
      'invalid_request',
      'subscriptions/listen answers with a stream: accept text/event-stream',
    )
  }
  const tag = `"${META.subscription}":${request.id.text}`
  const stream = new Told(modern, tag)
  const ending = new AbortController()
  const end = () => ending.abort()
  const release = service.listens.open(end)
  visit.cancel.onAbort(end)
  let standing: Standing | undefined
  try {
    // What is not standing by now is not acknowledged: better none than one that may not be kept.
    standing = await subscribe(filter, modern, (method, members) => stream.tell(method, members))
    const lists = Object.keys(LISTS).filter((member) => filter[member] === true)
    stream.begin({ ...Object.fromEntries(lists.map((member) => [member, true])), ...standing.honoured })
    const kinds = lists.map((member) => LISTS[member])
    const isIdle = kinds.length === 0 && standing.size === 0
    if (isIdle) end()
    await relayChanges(service, caller, {
      signal: ending.signal,
      changed: (kind) => kinds.includes(kind) && stream.tell(changeMethod(kind), ''),
      aside() {},
    })
  } finally {
    standing?.end()
    release()
  }
  return Buffer.from(`{"resultType":"complete","_meta":{${tag},"${META.serverInfo}":${service.identity}}}`)
}

/** The stream of one subscription: the acknowledgement is the first message on it. */
class Told {
  readonly #modern: ModernRequest
  readonly #tag: string
  #early: (readonly [method: string, members: string])[] | undefined = []

  constructor(modern: ModernRequest, tag: string) {
    this.#modern = modern
    this.#tag = tag
  }

  begin(honoured: JsonObject): void {
    const members = `"notifications":${JSON.stringify(honoured)},`
    this.#send('notifications/subscriptions/acknowledged', members, false)
    const early = this.#early ?? []
    this.#early = undefined
    for (const [method, members] of early) this.tell(method, members)
  }

  /** @param members JSON text of members, each with a comma behind it */
  tell(method: string, members: string): void {
    if (this.#early !== undefined) this.#early.push([method, members])
    // A change may be dropped for a client that does not read: others of its kind are waiting for it.
    else this.#send(method, members, true)
  }

  #send(method: string, members: string, lossy: boolean): void {
    const frame = notificationFrame(method, `{${members}"_meta":{${this.#tag}}}`)
    this.#modern.visit.outlet.send(frame, lossy)
  }
}

/** @throws GatewayError `invalid_params` */
function readFilter(filter: unknown): JsonObject {
  if (isObject(filter)) return filter
  throw new GatewayError(
    'invalid_params',
    'params.notifications must be an object that says what to listen for',
  )
}
