import { onAbort, realSignal, type Signal } from '../../core/abort.ts'
import type { Call, Exchange } from '../../core/call.ts'
import type { ToolItem } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Resolved } from '../../core/gateway.ts'
import { RawObject } from '../../core/raw.ts'
import type { ToolCallRequest, ToolOutcome } from '../../engines/workflow/index.ts'
import type { Invocation } from './invocation.ts'

/** Calls the tool of a step as the caller of the composite tool. */
export async function callTool(request: ToolCallRequest, invocation: Invocation): Promise<ToolOutcome> {
  const { exposed } = invocation
  const item = exposed.tools.get(request.tool)
  if (item === undefined) throw new GatewayError('not_found', `tool '${request.tool}' not found`)
  const params = RawObject.of({ name: item.name, arguments: request.arguments })
  const resolved = await resolve(item, params, { request, invocation })
  const { type, body } = await resolved.run(stepExchange(invocation, request))
  if (type !== 'complete') throw unfinished(item, type)
  const { content, isError, structuredContent } = body.parse()
  return { content: Array.isArray(content) ? content : [], isError: isError === true, structuredContent }
}

interface Context {
  readonly request: ToolCallRequest
  readonly invocation: Invocation
}

async function resolve(
  item: ToolItem,
  params: RawObject,
  { request, invocation }: Context,
): Promise<Resolved> {
  const { inner, caller, exchange } = invocation
  const call: Call = { kind: 'tool', name: item.name, params }
  const resolved = await inner.resolve(caller, call, exchange.signal)
  const { origin } = resolved.item
  // Names can pass to another backend while a run is under way.
  if (origin.backend === item.origin.backend && origin.name === item.origin.name) return resolved
  throw new GatewayError('not_found', `tool '${request.tool}' is no longer that of '${item.origin.backend}'`)
}

/** The progress of one step would be taken for that of the whole. */
function stepExchange({ exchange, stepRefs }: Invocation, { step, signal }: ToolCallRequest): Exchange {
  return {
    get signal() {
      return realSignal(signal)
    },
    ref: stepRefs.of(step),
    onAbort: (listener) => onAbort(signal, listener),
    takesInputRequired: false,
    notify: (notice) => notice.method !== 'notifications/progress' && exchange.notify(notice),
    ask: (request) => exchange.ask(request),
  }
}

function unfinished(item: ToolItem, type: string): GatewayError {
  if (type !== 'input_required')
    return new GatewayError(
      'bad_gateway',
      `tool '${item.name}' answered with '${type}', which a step cannot use`,
    )
  return new GatewayError(
    'capability_required',
    `tool '${item.name}' asks the user in the course of its call, which a step cannot pass on to a client of ` +
      'this protocol version; use an earlier one for this tool',
  )
}
