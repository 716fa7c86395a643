/** A JSON object whose members nobody here has looked at. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Where an entry of the catalogue comes from. */
export interface Origin {
  readonly backend: string
  /** The backend's own name of it (for resources and templates: the URI, which is never rewritten). */
  readonly name: string
}

interface ItemBase {
  readonly origin: Origin
  /** As advertised to clients: the backend's definition with overrides applied, all else untouched. */
  readonly definition: JsonObject
  /** Hidden entries are not listed and not callable by clients; workflow steps may reach them. */
  readonly hidden: boolean
}

export interface ToolItem extends ItemBase {
  readonly kind: 'tool'
  readonly name: string
  /** The configured name of the wrapper around the backend's tool that this is, where it is one. */
  readonly wrapper?: string | undefined
}

export interface PromptItem extends ItemBase {
  readonly kind: 'prompt'
  readonly name: string
}

export interface ResourceItem extends ItemBase {
  readonly kind: 'resource'
  readonly uri: string
}

export interface TemplateItem extends ItemBase {
  readonly kind: 'template'
  readonly uriTemplate: string
}

/** Stands for a method that is not about an entry of the catalogue, at the backend that serves it. Never listed. */
export interface MethodItem extends ItemBase {
  readonly kind: 'method'
  readonly name: string
}

/** An entry of the catalogue. */
export type CatalogItem = ToolItem | PromptItem | ResourceItem | TemplateItem

/** What clients ask for it by. */
export function nameOf(item: CatalogItem): string {
  switch (item.kind) {
    case 'tool':
    case 'prompt':
      return item.name
    case 'resource':
      return item.uri
    case 'template':
      return item.uriTemplate
  }
}

/** What a call can be about. */
export type Item = CatalogItem | MethodItem

/** An entry that a backend offers and clients do not get, or get under another name than they would expect. */
export interface Dropped {
  readonly kind: CatalogItem['kind']
  readonly origin: Origin
  /** A sentence for the operator. */
  readonly reason: string
  /** The name that it got instead; absent where it is not in the catalogue at all. */
  readonly as?: string
}

/** The lists of a catalogue, and those that a backend is asked for. */
export type ListKind = 'tools' | 'prompts' | 'resources' | 'templates'

/** Whether a result is the same for everybody, so that a shared cache may keep it. */
export type CacheScope = 'public' | 'private'

/** How an answer may be cached (MCP 2026-07-28, server/utilities/caching). */
export interface CacheHint {
  readonly ttlMs: number
  readonly scope: CacheScope
}

/** What is said where nothing better is known. */
export const UNCACHEABLE: CacheHint = { ttlMs: 0, scope: 'private' }

/** Everything that clients can be offered, sorted by name or URI. An immutable snapshot; identity means equality. */
export interface Catalog {
  readonly tools: readonly ToolItem[]
  readonly prompts: readonly PromptItem[]
  readonly resources: readonly ResourceItem[]
  readonly templates: readonly TemplateItem[]
  readonly dropped: readonly Dropped[]
  /** Backends of which nothing is listed, or only what they offered before they went; sorted, and absent where none is. */
  readonly missing?: readonly string[] | undefined
  /** Whether other callers may be shown something else by the same backends. */
  readonly personal?: true | undefined
  /**
   * How a list may be cached that is answered with now. It is asked for each answer, since it changes with time
   * while the catalogue stays the same. A layer whose lists depend on the caller makes them private.
   */
  readonly caching: (list: ListKind) => CacheHint
}
