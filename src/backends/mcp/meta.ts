import type { JsonObject } from '../../core/catalog.ts'
import type { Changes, RawObject } from '../../core/raw.ts'

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

/** The change that strips `_meta` of `params` and puts `progressToken` in the place of the client's, if it sent one. */
export function legacyMeta(params: RawObject, progressToken: number): Changes {
  const meta = params.object('_meta')
  if (meta === undefined) return {}
  const kept = withoutReserved(meta)
  if (kept?.has('progressToken'))
    return { _meta: kept.with({ progressToken: `${progressToken}` }).toString() }
  return kept === meta ? {} : { _meta: kept?.toString() }
}

/**
 * Capabilities as they are declared on: without tasks, whose requests are not relayed. Without a change, the
 * same object.
 */
export function relayable(capabilities: JsonObject): JsonObject {
  const { tasks, extensions, ...rest } = capabilities as { tasks?: unknown; extensions?: JsonObject }
  const inExtensions = extensions !== undefined && TASKS in extensions
  if (tasks === undefined && !inExtensions) return capabilities
  if (!inExtensions) return extensions === undefined ? rest : { ...rest, extensions }
  const { [TASKS]: _, ...others } = extensions
  return { ...rest, extensions: others }
}

const TASKS = 'io.modelcontextprotocol/tasks'
