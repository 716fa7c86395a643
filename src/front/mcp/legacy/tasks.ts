import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import type { RequestExchange } from '../exchange.ts'
import { exchangeOf } from './call.ts'
import type { LegacyRequest } from './request.ts'
import type { Task } from './task-book.ts'

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
  const { taskId: id } = params
  const task = typeof id === 'string' ? session.tasks.find(id) : undefined
  if (task === undefined)
    throw new GatewayError('invalid_params', 'params.taskId must name a task of this session')
  const { taskId } = task
  const own = taskId === id ? raw : raw.with({ taskId: JSON.stringify(taskId) })
  const body = await run({ ...task, method, params: own }, legacy)
  return body.piecesWith({})
}

/** Other tasks that a backend may have are another client's. */
async function list(legacy: LegacyRequest): Promise<readonly Buffer[]> {
  const { all } = legacy.session.tasks
  const start = offsetOf(legacy.request.params['cursor'])
  const page = all.slice(start, start + PAGE)
  const tasks = await Promise.all(page.map(([, task]) => look(task, legacy)))
  const texts = tasks.flatMap((task) => (task === undefined ? [] : [task.without(['_meta']).toString()]))
  const end = start + page.length
  const next = end < all.length ? `,"nextCursor":"${end}"` : ''
  return [Buffer.from(`{"tasks":[${texts.join(',')}]${next}}`)]
}

/** Nothing where the backend has forgotten it. */
async function look(task: Task, legacy: LegacyRequest): Promise<RawObject | undefined> {
  const params = RawObject.of({ taskId: task.taskId })
  return run({ ...task, method: 'tasks/get', params }, legacy).catch(() => undefined)
}

interface TaskRequest extends Task {
  readonly method: string
  readonly params: RawObject
}

async function run(task: TaskRequest, legacy: LegacyRequest): Promise<RawObject> {
  const { service, caller, visit, session } = legacy
  const { backend } = task
  const resolved = await service.gateway.resolve(caller, { kind: 'task', ...task }, service.closing.signal)
  visit.sighting?.found(resolved.item)
  const exchange: RequestExchange = exchangeOf(legacy, (params) => session.tasks.related(params, backend))
  try {
    return session.tasks.shown((await resolved.run(exchange)).body, backend)
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
