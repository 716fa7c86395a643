import { onAbort } from '../core/abort.ts'
import type { Exchange } from '../core/call.ts'
import { ANONYMOUS_CALLER } from '../core/caller.ts'
import type { JsonObject } from '../core/catalog.ts'
import { GatewayError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import { FIND_TOOL } from '../layers/optimizer/definitions.ts'
import type { Running } from '../running.ts'
import { callTool } from './call.ts'

/** A tool as a search finds it. */
export interface FoundTool {
  readonly name: string
  readonly server: string
  readonly definition: JsonObject
}

export interface Findings {
  readonly tools: readonly FoundTool[]
  /** How many more were found. */
  readonly omitted: number
  readonly metrics: JsonObject
}

/**
 * Asks the search tool of a gateway as an anonymous client would.
 * @throws GatewayError `invalid_params` with what the tool says is wrong
 */
export async function findAsClient(
  running: Pick<Running, 'gateway'>,
  args: JsonObject,
  signal: AbortSignal,
): Promise<Findings> {
  const call = { caller: ANONYMOUS_CALLER, name: FIND_TOOL, args, exchange: exchange(signal) }
  const { isError, text, structured } = await callTool(running, call)
  if (isError || !isObject(structured)) throw new GatewayError('invalid_params', text)
  const { tools, servers, omitted, token_metrics: metrics } = structured
  const found = Array.isArray(tools) ? tools.filter(isObject) : []
  return {
    tools: found.map((definition) => toolOf(definition, servers)),
    omitted: Number(omitted),
    metrics: isObject(metrics) ? metrics : {},
  }
}

/** @param servers the names of tools by server */
function toolOf(definition: JsonObject, servers: unknown): FoundTool {
  const name = String(definition['name'])
  const has = (names: unknown) => Array.isArray(names) && names.includes(name)
  const [server] = Object.entries(servers ?? {}).find(([, names]) => has(names)) ?? ['']
  return { name, server, definition }
}

/** Of somebody who is told nothing and can be asked nothing. */
function exchange(signal: AbortSignal): Exchange {
  return {
    signal,
    takesInputRequired: false,
    onAbort: (listener) => onAbort(signal, listener),
    notify() {},
    async ask() {
      throw new GatewayError('capability_required', 'nobody can be asked')
    },
  }
}
