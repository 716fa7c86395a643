import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import type { RequestExchange } from '../exchange.ts'
import { exchangeOf } from './call.ts'
import type { LegacyRequest } from './request.ts'

const PAGE = 50

export const TASK_METHODS: ReadonlySet<string> = new Set([
  'tasks/get',
  'tasks/result',
  'tasks/cancel',
  'tasks/list',
])

/** Serves `tasks/*`. @throws GatewayError `invalid_params`, and what the backend says */
export async function serveTask(legacy: LegacyRequest): Promise<readonly Buffer[]> {
  const { session, request } = legacy
  const { method, params, raw } = request
  if (method === 'tasks/list') return list(legacy)
  const { taskId } = params
  const backend = typeof taskId === 'string' ? session.tasks.backendOf(taskId) : undefined
  if (typeof taskId !== 'string' || backend === undefined)
    throw new GatewayError('invalid_params', 'params.taskId must name a task of this session')
  const body = await run({ method, taskId, backend, params: raw }, legacy)
  return body.piecesWith({})
}

/** Other tasks that a backend may have are another client's. */
async function list(legacy: LegacyRequest): Promise<readonly Buffer[]> {
  const { all } = legacy.session.tasks
  const start = offsetOf(legacy.request.params['cursor'])
  const page = all.slice(start, start + PAGE)
  const tasks = await Promise.all(page.map(([taskId, backend]) => look(taskId, backend, legacy)))
  const texts = tasks.flatMap((task) => (task === undefined ? [] : [task.without(['_meta']).toString()]))
  const end = start + page.length
  const next = end < all.length ? `,"nextCursor":"${end}"` : ''
  return [Buffer.from(`{"tasks":[${texts.join(',')}]${next}}`)]
}

/** Nothing where the backend has forgotten it. */
async function look(taskId: string, backend: string, legacy: LegacyRequest): Promise<RawObject | undefined> {
  const params = RawObject.of({ taskId })
  return run({ method: 'tasks/get', taskId, backend, params }, legacy).catch(() => undefined)
}

interface TaskRequest {
  readonly method: string
  readonly taskId: string
  readonly backend: string
  readonly params: RawObject
}

async function run(task: TaskRequest, legacy: LegacyRequest): Promise<RawObject> {
  const { service, caller, visit } = legacy
  const resolved = await service.gateway.resolve(caller, { kind: 'task', ...task }, service.closing.signal)
  visit.sighting?.found(resolved.item)
  const exchange: RequestExchange = exchangeOf(legacy)
  try {
    return (await resolved.run(exchange)).body
  } finally {
    exchange.close()
  }
}

function offsetOf(cursor: unknown): number {
  if (cursor === undefined) return 0
  const offset = typeof cursor === 'string' && /^\d{1,4}$/.test(cursor) ? Number(cursor) : 0
  if (offset > 0) return offset
  throw new GatewayError(
    'invalid_params',
    'invalid cursor: send the nextCursor of the page before, unchanged',
  )
}
