import type { Entry, MapTree, Position, Tree } from './parse/tree.ts'
import { toValue } from './parse/tree.ts'
import type { Path } from './path.ts'

/** Leads from a place in the configuration back to the file. Paths are in today's spelling. */
export interface SourceIndex {
  readonly file: string
  /** Of the value (or of its key); of the nearest ancestor's key when the file says nothing there. */
  at(path: Path, part?: 'key' | 'value'): Position
  /** What the file says there, without defaults; `undefined` when nothing. */
  value(path: Path): unknown
}

export function createSource(file: string, root: Tree): SourceIndex {
  const find = finder(root)
  return {
    file,
    at(path, part = 'value') {
      const found = find(path)
      return found.complete && part === 'value' ? found.tree.position : found.key
    },
    value(path) {
      const found = find(path)
      return found.complete ? toValue(found.tree) : undefined
    },
  }
}

interface Found {
  readonly tree: Tree
  readonly key: Position
  readonly complete: boolean
}

function finder(root: Tree): (path: Path) => Found {
  const indexes = new Map<MapTree, ReadonlyMap<string, Entry>>()
  const entriesOf = (tree: MapTree) => {
    const index = indexes.get(tree) ?? new Map(tree.entries.map((entry) => [entry.key, entry]))
    indexes.set(tree, index)
    return index
  }
  const step = (tree: Tree, segment: string | number): Found | undefined => {
    if (tree.kind === 'list') {
      const item = typeof segment === 'number' ? tree.items[segment] : undefined
      return item && { tree: item, key: item.position, complete: true }
    }
    const entry = tree.kind === 'map' ? entriesOf(tree).get(String(segment)) : undefined
    return entry && { tree: entry.value, key: entry.position, complete: true }
  }
  return (path) => {
    let found: Found = { tree: root, key: root.position, complete: true }
    for (const segment of path) {
      const next = step(found.tree, segment)
      if (next === undefined) return { ...found, complete: false }
      found = next
    }
    return found
  }
}
