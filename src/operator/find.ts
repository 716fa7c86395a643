import { onAbort } from '../core/abort.ts'
import type { Exchange } from '../core/call.ts'
import { ANONYMOUS_CALLER } from '../core/caller.ts'
import type { JsonObject } from '../core/catalog.ts'
import { GatewayError } from '../core/errors.ts'
import { RawObject } from '../core/raw.ts'
import { FIND_TOOL } from '../layers/optimizer/definitions.ts'
import type { Running } from '../running.ts'

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
  { gateway }: Pick<Running, 'gateway'>,
  args: JsonObject,
  signal: AbortSignal,
): Promise<Findings> {
  const params = RawObject.of({ name: FIND_TOOL, arguments: args })
  const resolved = await gateway.resolve(ANONYMOUS_CALLER, { kind: 'tool', name: FIND_TOOL, params }, signal)
  const { body } = await resolved.run(exchange(signal))
  const { isError, content, structuredContent } = body.parse() as unknown as Answer
  if (isError === true) throw new GatewayError('invalid_params', content[0]?.text ?? '')
  const { tools, servers, omitted, token_metrics: metrics } = structuredContent
  const serverOf = (name: string) => Object.keys(servers).find((key) => servers[key]?.includes(name)) ?? ''
  return {
    tools: tools.map((definition) => ({
      name: definition.name,
      server: serverOf(definition.name),
      definition,
    })),
    omitted,
    metrics,
  }
}

interface Answer {
  readonly isError?: boolean
  readonly content: readonly { readonly text: string }[]
  readonly structuredContent: {
    readonly tools: readonly (JsonObject & { readonly name: string })[]
    readonly servers: Readonly<Record<string, readonly string[]>>
    readonly omitted: number
    readonly token_metrics: JsonObject
  }
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
