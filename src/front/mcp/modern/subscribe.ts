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
  /** As the acknowledgement says it. */
  readonly honoured: JsonObject
  end(): void
}

/**
 * @param params as the backend sent them, without what is of its hop
 * @param of the subscription that it is told for
 */
type Tell = (method: string, params: RawObject, of: Cancel) => void

/** Subscribes to the resources and tasks of a filter, as far as that can be done. @throws GatewayError `invalid_params` */
export async function subscribe(filter: JsonObject, modern: ModernRequest, tell: Tell): Promise<Standing> {
  const uris = strings(filter, 'resourceSubscriptions')
  const ids = strings(filter, 'taskIds')
  const context: Context = { modern, tell, cancel: new Cancel(), late: new Cancel() }
  const timer = setTimeout(() => context.late.abort(), STANDING_WITHIN_MS).unref()
  const [resourceSubscriptions, taskIds] = await Promise.all([
    standing(uris, onResource, context),
    standing(ids, onTask, context),
  ])
  clearTimeout(timer)
  return {
    honoured: {
      ...(resourceSubscriptions.length > 0 && { resourceSubscriptions }),
      ...(taskIds.length > 0 && { taskIds }),
    },
    end: () => context.cancel.abort(),
  }
}

interface Context {
  readonly modern: ModernRequest
  readonly tell: Tell
  /** Ends all of them. */
  readonly cancel: Cancel
  /** No more are waited for. */
  readonly late: Cancel
}

type Start = (key: string, own: Cancel, context: Context) => Promise<unknown>

/** Those of the keys whose subscription stands in time; the others are given up. */
async function standing(keys: readonly string[], start: Start, context: Context): Promise<string[]> {
  const stand = await Promise.all(keys.map((key) => standsOne(key, start, context)))
  return keys.filter((_, at) => stand[at])
}

async function standsOne(key: string, start: Start, context: Context): Promise<boolean> {
  const own = new Cancel()
  const forget = context.cancel.onAbort(() => own.abort())
  const stands = await new Promise<boolean>((resolve) => {
    context.late.onAbort(() => resolve(false))
    start(key, own, context).then(
      () => resolve(true),
      () => resolve(false),
    )
  })
  if (stands) return true
  forget()
  own.abort()
  return false
}

function onResource(uri: string, own: Cancel, context: Context): Promise<unknown> {
  const call: Call = { kind: 'subscription', uri, params: RawObject.of({ uri }) }
  return run(call, own, context, (params) => params)
}

async function onTask(id: string, own: Cancel, context: Context): Promise<unknown> {
  const { service, caller } = context.modern
  const task = unwrapTask(id, service, caller)
  const params = RawObject.of({ taskId: task.taskId })
  const call: Call = { kind: 'task', method: 'subscriptions/listen', ...task, params }
  return run(call, own, context, (told) => told.with({ taskId: JSON.stringify(id) }))
}

async function run(
  call: Call,
  own: Cancel,
  { modern, tell }: Context,
  rewrite: (params: RawObject) => RawObject,
): Promise<unknown> {
  const { service, caller } = modern
  const resolved = await service.gateway.resolve(caller, call, service.closing.signal)
  const relay = ({ method, params }: Notice) => tell(method, rewrite(params), own)
  return resolved.run(new NoticeExchange(own, relay))
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
