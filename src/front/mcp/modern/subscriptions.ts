import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { ListChange } from '../../../core/gateway.ts'
import { isObject } from '../../../core/json.ts'
import { RawObject } from '../../../core/raw.ts'
import type { Cancel } from '../cancel.ts'
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

/** Changes that wait for the acknowledgement; of more, the client learns when it reads what it subscribed to. */
const MOST_EARLY = 1_000

/**
 * `subscriptions/listen`: an acknowledgement, then changes as they happen. The result comes when the
 * subscription ends properly, which is when the gateway or the front closes, or the caller's token is no longer good.
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
  const stream = new Told(modern)
  const ending = new AbortController()
  const end = () => ending.abort()
  const release = service.listens.open(caller.principal, end)
  visit.cancel.onAbort(end)
  const forget = service.stays.begin({ principal: caller.principal, method: request.method, end })
  let standing: Standing | undefined
  try {
    // What is not standing by now is not acknowledged: better none than one that may not be kept.
    standing = await subscribe(filter, modern, (...told) => stream.tell(...told))
    const lists = Object.keys(LISTS).filter((member) => filter[member] === true)
    const honoured = { ...Object.fromEntries(lists.map((member) => [member, true])), ...standing.honoured }
    stream.begin(honoured)
    if (Object.keys(honoured).length === 0) end()
    const kinds = lists.map((member) => LISTS[member])
    await relayChanges(service, caller, {
      signal: ending.signal,
      changed: (kind) => kinds.includes(kind) && stream.tell(changeMethod(kind), RawObject.empty),
      aside() {},
    })
  } finally {
    standing?.end()
    forget()
    release()
  }
  const tag = `"${META.subscription}":${request.id.text}`
  return Buffer.from(`{"resultType":"complete","_meta":{${tag},"${META.serverInfo}":${service.identity}}}`)
}

interface Early {
  readonly method: string
  readonly params: RawObject
  readonly of: Cancel | undefined
}

/** The stream of one subscription: the acknowledgement is the first message on it. */
class Told {
  readonly #modern: ModernRequest
  /** What came before the acknowledgement, each once. */
  #early: Map<string, Early> | undefined = new Map()

  constructor(modern: ModernRequest) {
    this.#modern = modern
  }

  begin(honoured: JsonObject): void {
    const early = this.#early ?? []
    this.#early = undefined
    const params = RawObject.of({ notifications: honoured })
    this.#send('notifications/subscriptions/acknowledged', params, false)
    for (const { method, params: told, of } of early.values()) if (!of?.aborted) this.tell(method, told)
  }

  /** @param of the subscription that it is told for, which may be given up before the acknowledgement */
  tell(method: string, params: RawObject, of?: Cancel): void {
    // A change may be dropped for a client that does not read: others of its kind are waiting for it.
    if (this.#early === undefined) this.#send(method, params, true)
    else if (this.#early.size < MOST_EARLY) this.#early.set(`${method} ${params}`, { method, params, of })
  }

  #send(method: string, params: RawObject, lossy: boolean): void {
    const { request, visit } = this.#modern
    const meta = params.object('_meta') ?? RawObject.empty
    const tagged = meta.with({ [META.subscription]: request.id.text }).toString()
    visit.outlet.send(notificationFrame(method, params.bytesWith({ _meta: tagged })), lossy)
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
