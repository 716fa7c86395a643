import { createHash } from 'node:crypto'
import type { JsonObject, ToolItem } from '../../core/catalog.ts'
import { COMPOSITE } from '../../core/composite.ts'
import { isObject } from '../../core/json.ts'
import type { Entry, Keyed, Parameter } from '../../engines/search/index.ts'

/** Levels of a schema whose properties are parameters. */
const DEEPEST = 4
const MOST_PARAMETERS = 100
const MOST_VALUES = 20

/** A tool as it is searched. */
export function entryOf(tool: ToolItem): Entry {
  const { description, annotations, inputSchema } = tool.definition
  const parameters: Parameter[] = []
  addParameters(inputSchema, DEEPEST, parameters)
  return {
    name: plainName(tool),
    title: text(tool.definition['title']) || text(object(annotations)?.['title']),
    description: text(description),
    server: tool.origin.backend === COMPOSITE ? '' : tool.origin.backend,
    parameters,
  }
}

/** With a key of its content, so that what was indexed or embedded once is known again. */
export function keyed(tool: ToolItem): Keyed {
  const entry = entryOf(tool)
  return { key: createHash('sha256').update(JSON.stringify(entry)).digest('base64url'), entry }
}

/** What a conflict strategy put before a name says which server it is of, and that is a field of its own. */
function plainName({ name, origin }: ToolItem): string {
  if (name === origin.name || name.endsWith(origin.name)) return origin.name
  const isPrefixed = name.startsWith(origin.backend) && name.length > origin.backend.length
  return isPrefixed ? name.slice(origin.backend.length) : name
}

function addParameters(schema: unknown, levels: number, to: Parameter[]): void {
  const own = object(schema)
  if (own === undefined || levels === 0) return
  for (const [name, member] of Object.entries(object(own['properties']) ?? {})) {
    if (to.length >= MOST_PARAMETERS) return
    to.push({ name, text: textOf(object(member) ?? {}) })
    addParameters(member, levels - 1, to)
    addParameters(object(member)?.['items'], levels - 1, to)
  }
}

/** What a person would read of it: what it is for, and what it may be. */
function textOf(schema: JsonObject): string {
  const values = Array.isArray(schema['enum']) ? schema['enum'] : []
  const words = values.filter((value) => typeof value === 'string').slice(0, MOST_VALUES)
  return [text(schema['description']), ...words].join(' ').trim()
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function object(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined
}
