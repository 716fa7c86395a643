import type { Result } from '../../../core/call.ts'
import type { Caller } from '../../../core/caller.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import { isObject } from '../../../core/json.ts'
import type { Service } from '../service.ts'

const EXTENSION = 'io.modelcontextprotocol/tasks'
const PURPOSE = 'task'

export const TASK_METHODS: ReadonlySet<string> = new Set(['tasks/get', 'tasks/update', 'tasks/cancel'])

/** A task by whose backend, under the backend's own id. */
export interface TaskRef {
  readonly backend: string
  readonly taskId: string
}

/**
 * Ids of tasks as clients get them (SEP-2663): they name the backend, and open for their caller alone, since the
 * backend need not know callers apart.
 */
export function wrapTask({ backend, taskId }: TaskRef, { seal }: Service, caller: Caller): string {
  return seal.close(JSON.stringify([backend, taskId]), bindingOf(caller))
}

/** @throws GatewayError `invalid_params` */
export function unwrapTask(id: unknown, { seal }: Service, caller: Caller): TaskRef {
  const text = typeof id === 'string' ? seal.open(id, bindingOf(caller)) : undefined
  if (text === undefined) throw new GatewayError('invalid_params', 'params.taskId names no task of yours')
  const [backend, taskId] = JSON.parse(text) as [string, string]
  return { backend, taskId }
}

/** The result with the id that clients get, where it has one. */
export function withTaskId(result: Result, id: (own: string) => string): Result {
  const own = result.body.value('taskId')
  if (typeof own !== 'string') return result
  return { ...result, body: result.body.with({ taskId: JSON.stringify(id(own)) }) }
}

/** @throws GatewayError `bad_gateway` when the client knows no tasks */
export function checkTasks({ capabilities }: Caller): void {
  if (hasTasks(capabilities)) return
  throw new GatewayError('bad_gateway', 'the backend made a task for a client that has not declared tasks')
}

/** @throws GatewayError `method_not_found` where there are no tasks, `capability_required` for a client without them */
export function checkTaskMethod(method: string, { options }: Service, { capabilities }: Caller): void {
  if (!hasTasks(options.capabilities?.('modern') ?? {}))
    throw new GatewayError('method_not_found', `method '${method}' not found`)
  if (hasTasks(capabilities)) return
  throw new GatewayError(
    'capability_required',
    `${method} needs the extension "${EXTENSION}", which the client has not declared`,
    { data: { requiredCapabilities: { extensions: { [EXTENSION]: {} } } } },
  )
}

function hasTasks({ extensions }: JsonObject): boolean {
  return isObject(extensions) && EXTENSION in extensions
}

function bindingOf({ principal }: Caller): readonly string[] {
  return [PURPOSE, principal.issuer, principal.subject]
}
