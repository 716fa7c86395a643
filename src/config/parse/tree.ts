/** A line and column of a file, both from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A configuration file as values with places: aliases followed, keys as text, immutable. */
export type Tree = MapTree | ListTree | LeafTree

export interface MapTree {
  readonly kind: 'map'
  readonly position: Position
  readonly entries: readonly Entry[]
}

export interface Entry {
  readonly key: string
  /** Of the key. */
  readonly position: Position
  readonly value: Tree
}

interface ListTree {
  readonly kind: 'list'
  readonly position: Position
  readonly items: readonly Tree[]
}

export interface LeafTree {
  readonly kind: 'leaf'
  readonly position: Position
  readonly value: string | number | boolean | null
}

export function entryOf(tree: Tree, key: string): Entry | undefined {
  return tree.kind === 'map' ? tree.entries.find((entry) => entry.key === key) : undefined
}

/** The text of a leaf; `undefined` for all else. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'leaf' && typeof tree.value === 'string' ? tree.value : undefined
}

/** Plain JSON. The parser lets no `__proto__` in, so assignment is safe. */
export function toValue(tree: Tree): unknown {
  switch (tree.kind) {
    case 'leaf':
      return tree.value
    case 'list':
      return tree.items.map(toValue)
    case 'map':
      return Object.fromEntries(tree.entries.map(({ key, value }) => [key, toValue(value)]))
  }
}
