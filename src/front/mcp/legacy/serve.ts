import { GatewayError } from '../../../core/errors.ts'
import { CALLS, readMethod } from '../calls.ts'
import type { ResultBytes } from '../frame.ts'
import { isLogLevel, LEVEL_NAMES } from '../log-level.ts'
import { idKey, type RpcNotification } from '../message.ts'
import { LISTS } from '../pages.ts'
import type { Service } from '../service.ts'
import { settle } from '../settle.ts'
import { call } from './call.ts'
import { callerOf } from './decode.ts'
import { toWire } from './errors.ts'
import { list } from './lists.ts'
import type { LegacyRequest } from './request.ts'
import type { Session } from './session.ts'
import { serveTask, TASK_METHODS } from './tasks.ts'

/** Serves one request to its end. Never rejects. */
export function serveLegacy(legacy: Omit<LegacyRequest, 'caller'>): Promise<void> {
  const { service, session, request, visit } = legacy
  const caller = callerOf(session, visit)
  visit.sighting?.known(caller)
  return settle(service, request, visit, {
    answer: () => session.run(request.id, visit.cancel, () => dispatch({ ...legacy, caller })),
    toWire: (error) => toWire(error, request.method),
  })
}

function dispatch(legacy: LegacyRequest): ResultBytes | Promise<ResultBytes> {
  const { method } = legacy.request
  const read = CALLS.get(method)
  if (read !== undefined) return call(read, legacy)
  const kind = LISTS.get(method)
  if (kind !== undefined) return list(kind, legacy)
  if (method === 'ping') return Buffer.from('{}')
  if (method === 'logging/setLevel') return setLevel(legacy)
  if (method === 'resources/subscribe' || method === 'resources/unsubscribe') return subscribe(legacy)
  if (TASK_METHODS.has(method)) return serveTask(legacy)
  if (!method.startsWith('notifications/')) return call(readMethod, legacy)
  throw new GatewayError('method_not_found', `method '${method}' not found`)
}

function setLevel({ service, session, request }: LegacyRequest): Buffer {
  const level = request.params['level']
  if (!isLogLevel(level))
    throw new GatewayError('invalid_params', `params.level must be one of ${LEVEL_NAMES}`)
  session.setLevel(level)
  service.options.onSessionNews(session.id, { kind: 'level', level })
  return Buffer.from('{}')
}

async function subscribe({ service, caller, session, request }: LegacyRequest): Promise<Buffer> {
  const { uri } = request.params
  if (typeof uri !== 'string') throw new GatewayError('invalid_params', 'params.uri must be a string')
  if (request.method === 'resources/subscribe')
    await session.subscriptions.add(uri, async (exchange) => {
      const call = { kind: 'subscription', uri, params: request.raw } as const
      return (await service.gateway.resolve(caller, call, service.closing.signal)).run(exchange)
    })
  else session.subscriptions.remove(uri)
  return Buffer.from('{}')
}

/** Takes a notification within a session. Unknown ones are ignored, as JSON-RPC has it. */
export function notifyLegacy(service: Service, session: Session, notification: RpcNotification): void {
  const { method, params, raw } = notification
  if (method === 'notifications/roots/list_changed')
    service.options.onSessionNews(session.id, { kind: 'notice', notice: { method, params: raw } })
  else if (method === 'notifications/progress') session.asks.progress(raw)
  const key = method === 'notifications/cancelled' ? idKey(params['requestId']) : undefined
  if (key !== undefined) session.cancel(key)
}
