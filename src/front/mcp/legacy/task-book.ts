import type { Result } from '../../../core/call.ts'
import type { Item } from '../../../core/catalog.ts'
import type { RawObject } from '../../../core/raw.ts'

/** Tasks that a session can ask about; of more, the oldest are forgotten. */
const MOST = 1_000
const META = '_meta'
/** What a message about a task has in `_meta` (MCP 2025-11-25, basic/utilities/tasks). */
const RELATED = 'io.modelcontextprotocol/related-task'

/** A task under the id that its backend gave it. */
export interface Task {
  readonly backend: string
  readonly taskId: string
}

/**
 * The tasks (MCP 2025-11-25, basic/utilities/tasks) that the calls of a session have made, by the ids that the client
 * knows: those of the backends, unless one gives an id that a task of another has already.
 */
export class TaskBook {
  readonly #tasks = new Map<string, Task>()
  /** The ids that the client knows, by backend and its own, where they are others. */
  readonly #renamed = new Map<string, string>()

  get all(): readonly (readonly [id: string, task: Task])[] {
    return [...this.#tasks]
  }

  find(id: string): Task | undefined {
    return this.#tasks.get(id)
  }

  /** Notes the task that a call has made, if it has. @returns the result, with the id that the client is to know */
  learn(result: Result, { origin: { backend } }: Item): Result {
    const task = result.body.object('task')
    const taskId = task?.value('taskId')
    if (task === undefined || typeof taskId !== 'string') return result
    const id = this.#idFor({ backend, taskId })
    this.#tasks.set(id, { backend, taskId })
    if (id !== taskId) this.#renamed.set(keyOf({ backend, taskId }), id)
    if (this.#tasks.size > MOST) this.#forgetOldest()
    if (id === taskId) return result
    return { ...result, body: result.body.with({ task: withId(task, id).toString() }) }
  }

  /** What a backend says about one of its tasks, with the id that the client knows. */
  shown(said: RawObject, backend: string): RawObject {
    const taskId = said.value('taskId')
    const id = typeof taskId === 'string' ? this.#idOf({ backend, taskId }) : undefined
    return this.related(id === undefined ? said : withId(said, id), backend)
  }

  /** The same, of what is not about the task alone: it names the task in `_meta`. */
  related(said: RawObject, backend: string): RawObject {
    if (this.#renamed.size === 0) return said
    const meta = said.object(META)
    const related = meta?.object(RELATED)
    const taskId = related?.value('taskId')
    const id = typeof taskId === 'string' ? this.#idOf({ backend, taskId }) : undefined
    if (meta === undefined || related === undefined || id === undefined) return said
    return said.with({ [META]: meta.textWith({ [RELATED]: withId(related, id).toString() }) })
  }

  #idOf(task: Task): string | undefined {
    return this.#renamed.get(keyOf(task))
  }

  #idFor(task: Task): string {
    const known = this.#idOf(task)
    if (known !== undefined) return known
    const { backend, taskId } = task
    let id = taskId
    for (let n = 1; (this.#tasks.get(id)?.backend ?? backend) !== backend; n++)
      id = n === 1 ? `${taskId}@${backend}` : `${taskId}@${backend}.${n}`
    return id
  }

  #forgetOldest(): void {
    const [oldest] = this.#tasks
    if (oldest === undefined) return
    const [id, task] = oldest
    this.#tasks.delete(id)
    this.#renamed.delete(keyOf(task))
  }
}

function keyOf({ backend, taskId }: Task): string {
  return JSON.stringify([backend, taskId])
}

function withId(about: RawObject, id: string): RawObject {
  return about.with({ taskId: JSON.stringify(id) })
}
