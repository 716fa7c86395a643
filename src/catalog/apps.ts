import type { ToolItem } from '../core/catalog.ts'

/**
 * The page of an MCP App calls tools of its server by the server's own names, whatever a gateway calls them (MCP
 * Apps, `_meta.ui`). Own names of the visible tools of servers that have such pages, where they name one tool only.
 */
export function appNames(tools: readonly ToolItem[]): readonly (readonly [name: string, item: ToolItem])[] {
  const withPages = new Set(tools.filter(hasPage).map(({ origin }) => origin.backend))
  const owners = new Map<string, ToolItem | 'several'>()
  for (const item of tools) {
    const { origin, hidden } = item
    if (!hidden && withPages.has(origin.backend))
      owners.set(origin.name, owners.has(origin.name) ? 'several' : item)
  }
  return [...owners].flatMap(([name, item]) => (item === 'several' ? [] : [[name, item] as const]))
}

/** `ui.resourceUri`, or the one key that earlier servers write it as. */
function hasPage({ definition }: ToolItem): boolean {
  const meta = definition['_meta'] as { ui?: { resourceUri?: unknown } } | undefined
  if (typeof meta !== 'object' || meta === null) return false
  return typeof meta.ui?.resourceUri === 'string' || 'ui/resourceUri' in meta
}
