import type { Item, JsonObject } from '../../../core/catalog.ts'
import { isObject } from '../../../core/json.ts'
import type { RawObject } from '../../../core/raw.ts'
import type { Rendering } from '../pages.ts'

export function renderLegacy(): Rendering {
  return {
    project: (item) => (wraps(item) ? wrapOutput(item.definition) : item.definition),
    beside: undefined,
  }
}

/** How a result may be cached is said from 2026-07-28 on (server/utilities/caching). */
const LATER = ['ttlMs', 'cacheScope']

/**
 * Up to 2025-11-25 structured content is an object, and so is the root of its schema. Tools of the later
 * revision whose output is anything else have it put into the member `result`, in both places.
 */
export function projectResult(item: Item, body: RawObject): RawObject {
  if (item.kind !== 'tool') return item.kind === 'prompt' ? body : body.without(LATER)
  if (!body.has('structuredContent')) return body
  if (!wraps(item) && (declaresObject(item) || body.object('structuredContent') !== undefined)) return body
  const text = body.text('structuredContent') as string
  const changes = { structuredContent: `{"result":${text}}` }
  return body.with(hasContent(body) ? changes : { ...changes, content: textBlock(text) })
}

function wraps(item: Item): boolean {
  return item.kind === 'tool' && item.definition['outputSchema'] !== undefined && !declaresObject(item)
}

function declaresObject({ definition }: Item): boolean {
  const schema = definition['outputSchema']
  return isObject(schema) && schema['type'] === 'object'
}

/** Definitions stay at the root, where the references to them point. */
function wrapOutput(definition: JsonObject): JsonObject {
  const { $schema, $defs, definitions, ...result } = definition['outputSchema'] as JsonObject
  const root = { $schema, $defs, definitions, type: 'object', properties: { result }, required: ['result'] }
  return { ...definition, outputSchema: root }
}

function hasContent(body: RawObject): boolean {
  const content = body.text('content')
  return content !== undefined && content.length > 0 && content.replace(/\s/g, '') !== '[]'
}

function textBlock(text: string): string {
  return JSON.stringify([{ type: 'text', text }])
}
