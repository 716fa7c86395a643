import type { Result } from '../../../core/call.ts'
import type { Item } from '../../../core/catalog.ts'

/** Tasks that a session can ask about; of more, the oldest are forgotten. */
const MOST = 1_000

/** The tasks (MCP 2025-11-25, basic/utilities/tasks) that the calls of a session have made, by whose backend. */
export class TaskBook {
  readonly #backends = new Map<string, string>()

  get all(): readonly (readonly [taskId: string, backend: string])[] {
    return [...this.#backends]
  }

  backendOf(taskId: string): string | undefined {
    return this.#backends.get(taskId)
  }

  /** Notes the task that a call has made, if it has. */
  learn({ body }: Result, { origin }: Item): void {
    const taskId = body.object('task')?.value('taskId')
    if (typeof taskId !== 'string') return
    this.#backends.set(taskId, origin.backend)
    const oldest = this.#backends.keys().next()
    if (this.#backends.size > MOST && !oldest.done) this.#backends.delete(oldest.value)
  }
}
