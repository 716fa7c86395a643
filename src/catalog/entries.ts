import type { CatalogItem, Dropped, JsonObject } from '../core/catalog.ts'

/** An entry of a list with the name or URI that it is known by. */
export interface Entry {
  readonly key: string
  readonly definition: JsonObject
}

interface ListOf {
  readonly kind: CatalogItem['kind']
  readonly backend: string
  /** The member that names an entry: `name`, `uri` or `uriTemplate`. */
  readonly identity: string
}

/** The entries of a backend's list that can be told apart, and what is wrong with the others. */
export function readEntries(
  definitions: readonly JsonObject[],
  { kind, backend, identity }: ListOf,
): { readonly entries: readonly Entry[]; readonly dropped: readonly Dropped[] } {
  const entries = new Map<string, Entry>()
  const dropped: Dropped[] = []
  for (const [index, definition] of definitions.entries()) {
    const key = keyOf(definition, identity)
    if (key !== undefined && !entries.has(key))
      entries.set(key, { key, definition: mended(kind, key, definition) })
    else {
      const reason =
        key === undefined
          ? `entry ${index + 1} of the list has no ${identity}`
          : `entry ${index + 1} of the list repeats the ${identity} of an earlier one`
      dropped.push({ kind, origin: { backend, name: key ?? '' }, reason })
    }
  }
  return { entries: [...entries.values()], dropped }
}

function keyOf(definition: unknown, identity: string): string | undefined {
  if (typeof definition !== 'object' || definition === null) return undefined
  const key = (definition as JsonObject)[identity]
  return typeof key === 'string' && key !== '' ? key : undefined
}

/**
 * Strict clients refuse a whole list for one entry without what the schema requires (MCP 2025-11-25, schema:
 * Tool.inputSchema, Resource.name, ResourceTemplate.name), so it is filled in with what says nothing new.
 */
function mended(kind: CatalogItem['kind'], key: string, definition: JsonObject): JsonObject {
  switch (kind) {
    case 'tool': {
      const { inputSchema } = definition
      if (typeof inputSchema === 'object' && inputSchema !== null) return definition
      return { ...definition, inputSchema: { type: 'object' } }
    }
    case 'prompt':
      return definition
    case 'resource':
    case 'template':
      return typeof definition['name'] === 'string' ? definition : { ...definition, name: key }
  }
}
