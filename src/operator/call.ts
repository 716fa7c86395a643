import type { Exchange } from '../core/call.ts'
import type { Caller } from '../core/caller.ts'
import type { JsonObject } from '../core/catalog.ts'
import { isObject } from '../core/json.ts'
import { RawObject } from '../core/raw.ts'
import type { Running } from '../running.ts'

export interface ToolCall {
  readonly caller: Caller
  readonly name: string
  readonly args: JsonObject
  /** What else the call says (MCP 2025-11-25, basic, General fields: _meta). */
  readonly meta?: JsonObject | undefined
  readonly exchange: Exchange
}

/** The result of a call, as far as it is made for people. */
export interface ToolAnswer {
  readonly isError: boolean
  /** Of the first block, where that is a text. */
  readonly text: string
  readonly structured: unknown
  readonly meta: JsonObject
}

/** Calls a tool as a client would. @throws GatewayError */
export async function callTool(
  { gateway }: Pick<Running, 'gateway'>,
  { caller, name, args, meta, exchange }: ToolCall,
): Promise<ToolAnswer> {
  const params = RawObject.of({ name, arguments: args, ...(meta !== undefined && { _meta: meta }) })
  const resolved = await gateway.resolve(caller, { kind: 'tool', name, params }, exchange.signal)
  const { body } = await resolved.run(exchange)
  const { content, isError, structuredContent, _meta } = body.parse()
  const [first] = Array.isArray(content) ? content : []
  return {
    isError: isError === true,
    text: isObject(first) && typeof first['text'] === 'string' ? first['text'] : '',
    structured: structuredContent,
    meta: isObject(_meta) ? _meta : {},
  }
}
