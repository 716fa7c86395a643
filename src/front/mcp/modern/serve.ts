import { GatewayError } from '../../../core/errors.ts'
import { CALLS, readMethod } from '../calls.ts'
import type { ResultBytes } from '../frame.ts'
import type { RpcRequest } from '../message.ts'
import { LISTS } from '../pages.ts'
import type { Service } from '../service.ts'
import { settle } from '../settle.ts'
import type { Visit } from '../visit.ts'
import { call, callTask } from './call.ts'
import { callerOf, checkVersion, readEnvelope } from './decode.ts'
import { discover } from './discover.ts'
import { toWire } from './errors.ts'
import { checkHeaders } from './headers.ts'
import { list } from './lists.ts'
import type { ModernRequest } from './request.ts'
import { listen } from './subscriptions.ts'
import { TASK_METHODS } from './tasks.ts'

/** Methods of earlier revisions, which are no extension's. */
const GONE: ReadonlySet<string> = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
  'tasks/list',
  'tasks/result',
])

/** Serves one request to its end. Never rejects. */
export function serveModern(service: Service, request: RpcRequest, visit: Visit): Promise<void> {
  return settle(service, request, visit, {
    answer: () => answer(service, request, visit),
    toWire: (error) => toWire(error, request.method),
  })
}

function answer(service: Service, request: RpcRequest, visit: Visit): ResultBytes | Promise<ResultBytes> {
  const envelope = readEnvelope(request.params)
  if (visit.headers !== undefined) checkHeaders(visit.headers, request, envelope.version)
  checkVersion(envelope.version)
  const caller = callerOf(envelope, visit)
  visit.sighting?.known(caller)
  return dispatch({ service, request, envelope, visit, caller })
}

function dispatch(modern: ModernRequest): ResultBytes | Promise<ResultBytes> {
  const { method } = modern.request
  const read = CALLS.get(method)
  if (read !== undefined) return call(read, modern)
  const kind = LISTS.get(method)
  if (kind !== undefined) return list(kind, modern)
  if (method === 'server/discover') return discover(modern.service)
  if (method === 'subscriptions/listen') return listen(modern)
  if (TASK_METHODS.has(method)) return callTask(modern)
  if (!GONE.has(method) && !method.startsWith('notifications/')) return call(readMethod, modern)
  throw new GatewayError('method_not_found', `method '${method}' not found`)
}
