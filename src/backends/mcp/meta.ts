import type { Caller, Era } from '../../core/caller.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { isObject } from '../../core/json.ts'
import type { Changes } from '../../core/raw.ts'
import { RawObject } from '../../core/raw.ts'
import { type TraceContext, traceparentOf } from '../../core/trace.ts'
import type { Message } from './message.ts'

/** `_meta` keys that belong to one hop (MCP 2026-07-28, basic, `_meta`). */
const RESERVED = 'io.modelcontextprotocol/'
/** Reserved by name, yet about the message and not about the hop. */
const RELAYED: ReadonlySet<string> = new Set([
  'io.modelcontextprotocol/related-task',
  'io.modelcontextprotocol/model-immediate-response',
])

export const META = {
  version: 'io.modelcontextprotocol/protocolVersion',
  client: 'io.modelcontextprotocol/clientInfo',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  server: 'io.modelcontextprotocol/serverInfo',
  subscription: 'io.modelcontextprotocol/subscriptionId',
} as const

export function reservedKeys(meta: RawObject): readonly string[] {
  return meta.keys.filter((key) => key.startsWith(RESERVED) && !RELAYED.has(key))
}

/** `_meta` without what belongs to the hop it came over; `undefined` when nothing else was in it. */
export function withoutReserved(meta: RawObject): RawObject | undefined {
  const reserved = reservedKeys(meta)
  if (reserved.length === 0) return meta
  return reserved.length === meta.keys.length ? undefined : meta.without(reserved)
}

/** The object without what in its `_meta` belongs to the hop it came over. */
export function withoutHop(object: RawObject): RawObject {
  const meta = object.object('_meta')
  if (meta === undefined) return object
  const kept = withoutReserved(meta)
  if (kept === meta) return object
  return kept === undefined ? object.without(['_meta']) : object.with({ _meta: kept.toString() })
}

/** The parameters of a notification, as they may be relayed. */
export function bareParams({ raw }: Message): RawObject {
  return withoutHop(raw.object('params') ?? RawObject.empty)
}

/**
 * The change that strips `_meta` of `params`, puts `progressToken` in the place of the client's, if it sent one, and
 * `trace` in the place of what it said of its own.
 */
export function legacyMeta(params: RawObject, progressToken: number, trace?: TraceContext): Changes {
  const meta = params.object('_meta')
  if (meta === undefined && trace === undefined) return {}
  const kept = meta && withoutReserved(meta)
  const own: Record<string, string | undefined> = {}
  if (trace !== undefined) Object.assign(own, traceMembers(trace))
  if (kept?.has('progressToken')) own['progressToken'] = `${progressToken}`
  else if (trace === undefined) return kept === meta ? {} : { _meta: kept?.toString() }
  return { _meta: (kept ?? RawObject.empty).textWith(own) }
}

/** Members of `_meta` that say where the request stands in a trace (SEP-414). */
export function traceMembers(trace: TraceContext): Changes {
  const { state } = trace
  return {
    traceparent: `"${traceparentOf(trace)}"`,
    tracestate: state === undefined ? undefined : JSON.stringify(state),
  }
}

/** The same as HTTP headers (W3C Trace Context §3). */
export function traceHeaders(trace: TraceContext): Record<string, string> {
  const traceparent = traceparentOf(trace)
  return trace.state === undefined ? { traceparent } : { traceparent, tracestate: trace.state }
}

/** SEP-2663; the tasks of 2025-11-25 are a capability of their own. */
const TASKS = 'io.modelcontextprotocol/tasks'

/**
 * A client's capabilities as they are declared to a server of an era: tasks are of another form in each, and cannot
 * be relayed from one to the other. Without a change, the same object.
 */
export function capabilitiesFor(era: Era, caller: Caller): JsonObject {
  const { capabilities } = caller
  if (caller.era === era) return capabilities
  const { tasks, extensions, ...shared } = capabilities
  const hasTasks = isObject(extensions) && TASKS in extensions
  if (tasks === undefined && !hasTasks) return capabilities
  if (!isObject(extensions)) return shared
  const { [TASKS]: _, ...others } = extensions
  return { ...shared, extensions: others }
}

/** Whether a client has said that it answers some request of a server. */
export function canBeAsked({ elicitation, sampling, roots }: JsonObject): boolean {
  return elicitation !== undefined || sampling !== undefined || roots !== undefined
}
