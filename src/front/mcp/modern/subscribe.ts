import type { Call, Notice } from '../../../core/call.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import { Cancel } from '../cancel.ts'
import { NoticeExchange } from '../notice-exchange.ts'
import type { ModernRequest } from './request.ts'
import { unwrapTask } from './tasks.ts'

/** Resources and tasks of one `subscriptions/listen`. */
const MOST = 1_000
/** The acknowledgement does not wait longer for backends. */
const STANDING_WITHIN_MS = 5_000

/** Subscriptions that stand. */
export interface Standing {
  readonly honoured: JsonObject
  readonly size: number
  end(): void
}

/** @param members JSON text of the parameters' members but `_meta`, each with a comma behind it */
type Tell = (method: string, members: string) => void

/** Subscribes to the resources and tasks of a filter, as far as that can be done. @throws GatewayError `invalid_params` */
export async function subscribe(filter: JsonObject, modern: ModernRequest, tell: Tell): Promise<Standing> {
  const cancel = new Cancel()
  const late = new Promise<false>((resolve) => setTimeout(resolve, STANDING_WITHIN_MS, false).unref())
  const standing = async (key: string, start: (cancel: Cancel) => Promise<unknown>): Promise<string[]> => {
    const own = new Cancel()
    const forget = cancel.onAbort(() => own.abort())
    const stands = await Promise.race([
      start(own).then(
        () => true,
        () => false,
      ),
      late,
    ])
    if (stands) return [key]
    forget()
    own.abort()
    return []
  }
  const uris = strings(filter, 'resourceSubscriptions')
  const ids = strings(filter, 'taskIds')
  const [resources, tasks] = await Promise.all([
    Promise.all(uris.map((uri) => standing(uri, (own) => onResource(uri, own, { modern, tell })))),
    Promise.all(ids.map((id) => standing(id, (own) => onTask(id, own, { modern, tell })))),
  ])
  return {
    honoured: {
      ...(uris.length > 0 && { resourceSubscriptions: resources.flat() }),
      ...(ids.length > 0 && { taskIds: tasks.flat() }),
    },
    size: resources.flat().length + tasks.flat().length,
    end: () => cancel.abort(),
  }
}

interface Context {
  readonly modern: ModernRequest
  readonly tell: Tell
}

function onResource(uri: string, cancel: Cancel, context: Context): Promise<unknown> {
  const call: Call = { kind: 'subscription', uri, params: RawObject.of({ uri }) }
  return run(call, cancel, context, (params) => params)
}

async function onTask(id: string, cancel: Cancel, context: Context): Promise<unknown> {
  const { service, caller } = context.modern
  const task = unwrapTask(id, service, caller)
  const params = RawObject.of({ taskId: task.taskId })
  const call: Call = { kind: 'task', method: 'subscriptions/listen', ...task, params }
  return run(call, cancel, context, (told) => told.with({ taskId: JSON.stringify(id) }))
}

async function run(
  call: Call,
  cancel: Cancel,
  { modern, tell }: Context,
  rewrite: (params: RawObject) => RawObject,
): Promise<unknown> {
  const { service, caller } = modern
  const resolved = await service.gateway.resolve(caller, call, service.closing.signal)
  const relay = ({ method, params }: Notice) => tell(method, membersOf(rewrite(params)))
  return resolved.run(new NoticeExchange(cancel, relay))
}

/** All but `_meta`, which is of the hop. */
function membersOf(params: RawObject): string {
  const members = params.without(['_meta']).toString().trim().slice(1, -1).trim()
  return members === '' ? '' : `${members},`
}

/** @throws GatewayError `invalid_params` */
function strings(filter: JsonObject, key: string): readonly string[] {
  const value = filter[key] ?? []
  const isList = Array.isArray(value) && value.every((it) => typeof it === 'string')
  if (isList && value.length <= MOST) return [...new Set<string>(value)]
  throw new GatewayError(
    'invalid_params',
    `params.notifications.${key} must be a list of at most ${MOST} strings`,
  )
}
