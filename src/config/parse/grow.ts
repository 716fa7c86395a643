import { isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode, type YAMLMap } from 'yaml'
import type { Diagnostic } from '../diagnostics.ts'
import type { Path } from '../path.ts'
import { formatPath } from '../path.ts'
import type { Entry, LeafTree, Position, Tree } from './tree.ts'

/** Counted after aliases are followed, so that a few lines of aliases cannot become gigabytes. */
const MAX_NODES = 100_000
const MAX_DEPTH = 100
const MERGE_KEY = '<<'

interface Origin {
  readonly file: string
  readonly place: (offset: number) => Position
}

/** Turns the nodes of the YAML library into a tree, and says what cannot be a configuration whatever the schema. */
export function growTree(root: unknown, origin: Origin): { tree: Tree; diagnostics: Diagnostic[] } {
  const grower = new Grower(origin)
  const tree = grower.grow(root, [])
  return { tree, diagnostics: grower.diagnostics }
}

class Grower {
  readonly diagnostics: Diagnostic[] = []
  readonly #origin: Origin
  readonly #anchors = new Map<string, ParsedNode>()
  readonly #open = new Set<unknown>()
  #left = MAX_NODES

  constructor(origin: Origin) {
    this.#origin = origin
  }

  grow(node: unknown, path: Path): Tree {
    const position = this.#position(node)
    if (--this.#left < 0) return this.#refuse(position, [], `more than ${MAX_NODES} values, aliases followed`)
    if (path.length > MAX_DEPTH) return this.#refuse(position, [], `nested deeper than ${MAX_DEPTH} levels`)
    if (isAlias(node)) return this.#follow(node.source, position, path)
    const anchor = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined
    if (anchor !== undefined) this.#anchors.set(anchor, node as ParsedNode)
    if (isScalar(node)) return this.#leaf(node.value, position, path)
    this.#open.add(node)
    const tree = this.#branch(node, position, path)
    this.#open.delete(node)
    return tree
  }

  #branch(node: unknown, position: Position, path: Path): Tree {
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.grow(item, [...path, index]))
      return { kind: 'list', position, items }
    }
    if (isMap(node)) return { kind: 'map', position, entries: this.#entries(node, path) }
    return { kind: 'leaf', position, value: null }
  }

  #follow(anchor: string, position: Position, path: Path): Tree {
    const target = this.#anchors.get(anchor)
    if (target === undefined)
      return this.#refuse(position, path, `the alias *${anchor} has no anchor before it`)
    if (this.#open.has(target)) return this.#refuse(position, path, `the alias *${anchor} contains itself`)
    return this.grow(target, path)
  }

  #leaf(value: unknown, position: Position, path: Path): Tree {
    if (value === null || value === undefined) return { kind: 'leaf', position, value: null }
    if (typeof value === 'string' || typeof value === 'boolean') return { kind: 'leaf', position, value }
    if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'leaf', position, value }
    return this.#refuse(position, path, 'expected text, a number, true, false or null')
  }

  #entries(map: YAMLMap, path: Path): Entry[] {
    const own = new Map<string, Entry>()
    const merged: Entry[] = []
    for (const pair of map.items) {
      const position = this.#position(pair.key)
      const key = this.#key(pair, position, path)
      if (key === MERGE_KEY && isPlain(pair.key))
        merged.push(...this.#merge(this.grow(pair.value, path), path))
      else if (key !== undefined)
        this.#add(own, { key, position, value: this.grow(pair.value, [...path, key]) }, path)
    }
    for (const entry of merged) if (!own.has(entry.key)) own.set(entry.key, entry)
    return [...own.values()]
  }

  #key(pair: Pair, position: Position, path: Path): string | undefined {
    const { key } = pair
    if (!isScalar(key) || key.value === null || typeof key.value === 'symbol') {
      this.#refuse(position, path, 'expected a key that is text')
      return undefined
    }
    const text = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
    if (text !== '__proto__') return text
    this.#refuse(position, path, 'the key __proto__ is not allowed')
    return undefined
  }

  #add(entries: Map<string, Entry>, entry: Entry, path: Path): void {
    const first = entries.get(entry.key)
    if (first === undefined) entries.set(entry.key, entry)
    else
      this.#refuse(
        entry.position,
        [...path, entry.key],
        `duplicate key; first given in line ${first.position.line}`,
      )
  }

  #merge(tree: Tree, path: Path): readonly Entry[] {
    if (tree.kind === 'map') return tree.entries
    if (tree.kind === 'list') return tree.items.flatMap((item) => this.#merge(item, path))
    this.#refuse(tree.position, path, `expected a mapping, or a list of mappings, after ${MERGE_KEY}`)
    return []
  }

  #position(node: unknown): Position {
    const range = isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? node.range : undefined
    return this.#origin.place(range?.[0] ?? 0)
  }

  #refuse(position: Position, path: Path, message: string): LeafTree {
    const known = this.diagnostics.at(-1)
    const diagnostic = {
      severity: 'error',
      file: this.#origin.file,
      ...position,
      path: formatPath(path),
      message,
    } as const
    if (known?.message !== message || known.path !== diagnostic.path) this.diagnostics.push(diagnostic)
    return { kind: 'leaf', position, value: null }
  }
}

/** In quotes, `<<` is a key like any other. */
function isPlain(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN'
}
