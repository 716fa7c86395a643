import type { Result } from '../../core/call.ts'
import type { Catalog, JsonObject, ToolItem } from '../../core/catalog.ts'
import { printExact } from '../../core/exact.ts'
import type { ToolDetail } from '../../core/optimizer.ts'
import { RawObject } from '../../core/raw.ts'
import type { TokenMeter } from './tokens.ts'

const FIRST_SENTENCE = /^\s*(.*?[.!?。！？](?=\s|$)|[^\n]*)/
const LONGEST_SUMMARY = 200

export interface Found {
  readonly catalog: Catalog
  /** Best first. */
  readonly tools: readonly ToolItem[]
  /** Tools that are returned at most. */
  readonly limit: number
  readonly detail: ToolDetail
}

/**
 * What `find_tool` answers: the tools as they are advertised, which server each is of, how many more were found, and
 * what was saved; as text and as structured content.
 */
export function answer({ catalog, tools, limit, detail }: Found, meter: TokenMeter): Result {
  const returned = tools.slice(0, limit)
  const texts = returned.map((tool) => printExact(shown(tool, detail)))
  const rest = JSON.stringify({
    servers: byServer(returned),
    omitted: tools.length - returned.length,
    token_metrics: meter.measure(catalog, texts),
  })
  const structured = `{"tools":[${texts.join(',')}],${rest.slice(1)}`
  const content = JSON.stringify([{ type: 'text', text: structured }])
  const body = `{"content":${content},"structuredContent":${structured}}`
  return { type: 'complete', body: RawObject.scan(Buffer.from(body)) }
}

/** A result that the model can read and mend; each text is a block of its own. */
export function failure(...texts: readonly string[]): Result {
  const content = texts.map((text) => ({ type: 'text', text }))
  return { type: 'complete', body: RawObject.of({ content, isError: true }) }
}

function shown({ name, definition }: ToolItem, detail: ToolDetail): JsonObject {
  if (detail === 'full') return definition
  if (detail === 'name') return { name }
  const { title, description } = definition
  const summary = typeof description === 'string' ? (FIRST_SENTENCE.exec(description)?.[1] ?? '') : ''
  return {
    name,
    ...(typeof title === 'string' && { title }),
    ...(summary !== '' && { description: summary.slice(0, LONGEST_SUMMARY) }),
  }
}

/** Names by server, both in the order in which they were found. */
function byServer(tools: readonly ToolItem[]): Record<string, string[]> {
  const servers = new Map<string, string[]>()
  for (const { name, origin } of tools)
    servers.set(origin.backend, [...(servers.get(origin.backend) ?? []), name])
  return Object.fromEntries(servers)
}
