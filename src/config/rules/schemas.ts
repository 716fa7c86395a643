import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { ReadSchema } from '../../engines/schema/index.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, items, wrongBlock } from '../place.ts'

/** The JSON Schemas of a composite tool's parameters, and of the answers that it asks for, can be read. */
export function* schemasIn(tool: Place, read: ReadSchema): Iterable<Finding> {
  const answers = items(child(tool, 'steps')).map((step) => child(step, 'schema'))
  for (const place of [child(tool, 'parameters'), ...answers]) {
    const fault = isObject(place.value) ? faultOf(() => read(place.value as JsonObject)) : undefined
    if (fault !== undefined) yield wrongBlock(place, fault)
  }
}

function faultOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return GatewayError.from(error).message
  }
}
