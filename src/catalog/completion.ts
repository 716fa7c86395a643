import type { CompletionRef, Exchange, Result } from '../core/call.ts'
import type { Item } from '../core/catalog.ts'
import { GatewayError } from '../core/errors.ts'
import type { Resolved } from '../core/gateway.ts'
import { RawObject } from '../core/raw.ts'

/** JSON-RPC 2.0 §5.1 */
const METHOD_NOT_FOUND = -32601

function noValues(): Result {
  return { type: 'complete', body: RawObject.of({ completion: { values: [] } }) }
}

/** Completion only helps people type, so where nothing can be said the answer is that there are no values. */
export function nothingToComplete(ref: CompletionRef): Resolved {
  return { item: unknownItem(ref), run: async () => noValues() }
}

/** A server may know the prompt and complete nothing for it. */
export async function orNoValues(
  run: (exchange: Exchange) => Promise<Result>,
  exchange: Exchange,
): Promise<Result> {
  try {
    return await run(exchange)
  } catch (error) {
    if (error instanceof GatewayError && error.rpc?.code === METHOD_NOT_FOUND) return noValues()
    throw error
  }
}

/** Stands for what no backend offers. */
function unknownItem(ref: CompletionRef): Item {
  if (ref.type === 'ref/prompt') {
    const { name } = ref
    return { kind: 'prompt', name, origin: { backend: '', name }, definition: { name }, hidden: false }
  }
  const uri = ref.type === 'ref/resource' ? ref.uri : ''
  const origin = { backend: '', name: uri }
  return { kind: 'resource', uri, origin, definition: { uri, name: uri }, hidden: false }
}
