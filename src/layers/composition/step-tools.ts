import type { Catalog, Dropped, ToolItem } from '../../core/catalog.ts'

/** Finds the tools that steps call. Made once for each catalogue. */
export interface StepTools {
  /**
   * `reference` is an advertised name; or else `workload.tool`, with the backend's own name of the tool, which
   * no override changes. Of several dots, the first that makes sense counts.
   */
  find(reference: string): ToolItem | undefined
  /** Why there is none, where the catalogue knows. */
  reason(reference: string): string | undefined
}

export function stepTools({ tools, dropped }: Catalog): StepTools {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  const byPlace = new Map(tools.map((tool) => [placeOf(tool), tool]))
  const gone = dropped.filter(({ kind, as }) => kind === 'tool' && as === undefined)
  const losses = new Map(gone.map((entry) => [placeOf(entry), entry]))
  return {
    find: (reference) => byName.get(reference) ?? firstOf(reference, (place) => byPlace.get(place)),
    reason: (reference) => firstOf(reference, (place) => losses.get(place))?.reason,
  }
}

function placeOf({ origin }: ToolItem | Dropped): string {
  return JSON.stringify([origin.backend, origin.name])
}

function firstOf<T>(reference: string, find: (place: string) => T | undefined): T | undefined {
  for (let dot = reference.indexOf('.'); dot >= 0; dot = reference.indexOf('.', dot + 1)) {
    const found = find(JSON.stringify([reference.slice(0, dot), reference.slice(dot + 1)]))
    if (found !== undefined) return found
  }
  return undefined
}
