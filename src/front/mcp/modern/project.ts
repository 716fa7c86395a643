import type { Item, JsonObject } from '../../../core/catalog.ts'
import { isObject } from '../../../core/json.ts'
import type { Rendering } from '../pages.ts'
import { stamps } from './stamp.ts'

/** The lists in the words of 2026-07-28. */
/** @param identity JSON text of our `serverInfo` */
export function renderModern(identity: () => string): Rendering {
  return { project: projectDefinition, beside: (caching, meta) => stamps(identity(), caching, meta) }
}

/** `execution.taskSupport` belongs to the tasks of 2025-11-25, which this revision does not have. */
function projectDefinition({ definition }: Item): JsonObject {
  const execution = definition['execution']
  if (!isObject(execution) || !('taskSupport' in execution)) return definition
  const { taskSupport: _, ...rest } = execution
  const { execution: __, ...others } = definition
  return Object.keys(rest).length === 0 ? others : { ...others, execution: rest }
}
