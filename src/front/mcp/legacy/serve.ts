import { GatewayError } from '../../../core/errors.ts'
import { CALLS } from '../calls.ts'
import type { ResultBytes } from '../frame.ts'
import { isLogLevel, LEVEL_NAMES } from '../log-level.ts'
import { idKey, type RpcNotification } from '../message.ts'
import { LISTS } from '../pages.ts'
import { settle } from '../settle.ts'
import { call } from './call.ts'
import { callerOf } from './decode.ts'
import { toWire } from './errors.ts'
import { list } from './lists.ts'
import type { LegacyRequest } from './request.ts'
import type { Session } from './session.ts'

/** Serves one request to its end. Never rejects. */
export function serveLegacy(legacy: Omit<LegacyRequest, 'caller'>): Promise<void> {
  const { service, session, request, visit } = legacy
  const caller = callerOf(session, visit)
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
  throw new GatewayError('method_not_found', `method '${method}' not found`)
}

function setLevel({ session, request }: LegacyRequest): Buffer {
  const level = request.params['level']
  if (!isLogLevel(level))
    throw new GatewayError('invalid_params', `params.level must be one of ${LEVEL_NAMES}`)
  session.level = level
  return Buffer.from('{}')
}

/** Takes a notification within a session. Unknown ones are ignored, as JSON-RPC has it. */
export function notifyLegacy(session: Session, { method, params }: RpcNotification): void {
  if (method !== 'notifications/cancelled') return
  const key = idKey(params['requestId'])
  if (key !== undefined) session.cancel(key)
}
