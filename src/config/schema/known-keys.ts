import { isObject } from '../../core/json.ts'
import { formatPath, type Path } from '../path.ts'
import { didYouMean, nearest } from '../similar.ts'
import type { JsonSchema } from './shape.ts'
import { below, constants, deref, variants } from './shape.ts'

/** What to say of a key that is not allowed where it stands. */
export interface KnownKeys {
  advice(path: Path, key: string, block: unknown): string | undefined
}

const MAX_HOMES = 3
const MAX_DEPTH = 12
/** Advice costs a search; a file with more unknown keys than this has another trouble. */
const MAX_ADVICE = 50

export function knownKeys(root: JsonSchema, document: unknown): KnownKeys {
  let left = MAX_ADVICE
  let homes: Map<string, string[]> | undefined
  return {
    advice(path, key, block) {
      if (left-- <= 0) return undefined
      const nodes = nodesAt(root, document, path)
      const other = otherVariant(root, nodes, key)
      if (other !== undefined) return other
      const allowed = variantsOf(root, nodes, block).flatMap((node) => Object.keys(node.properties ?? {}))
      homes ??= homesOf(root)
      return didYouMean(key, allowed) ?? home(homes, key)
    },
  }
}

function nodesAt(root: JsonSchema, document: unknown, path: Path): readonly JsonSchema[] {
  let nodes: readonly JsonSchema[] = [root]
  let value = document
  for (const segment of path) {
    nodes = below(root, variantsOf(root, nodes, value), segment)
    value =
      isObject(value) || Array.isArray(value)
        ? (value as Record<string | number, unknown>)[segment]
        : undefined
  }
  return nodes
}

function variantsOf(root: JsonSchema, nodes: readonly JsonSchema[], value: unknown): JsonSchema[] {
  return nodes.flatMap((node) => variants(root, node, value))
}

/** `url` in a stdio backend: the key exists, for another kind. */
function otherVariant(root: JsonSchema, nodes: readonly JsonSchema[], key: string): string | undefined {
  const owners = nodes.flatMap((node) => (node.oneOf ?? []).map((option) => deref(root, option)))
  const owner = owners.find(({ properties }) => properties && Object.hasOwn(properties, key))
  const [constant] = owner ? constants(owner) : []
  return constant && `it goes with ${constant[0]}: ${constant[1].join(' or ')}`
}

function home(homes: ReadonlyMap<string, string[]>, key: string): string | undefined {
  const known = homes.has(key) ? key : nearest(key, homes.keys())
  const places = known === undefined ? [] : (homes.get(known) ?? [])
  if (known === undefined || places.length === 0 || places.length > MAX_HOMES) return undefined
  const what = known === key ? 'it' : known
  return `${what} belongs under ${places.map((place) => place || 'the top level').join(' or ')}`
}

/** Every key of the schema, with the blocks that have it. */
function homesOf(root: JsonSchema): Map<string, string[]> {
  const homes = new Map<string, string[]>()
  visit(root, root, [], (path, key) => {
    const printed = formatPath(path)
    const known = homes.get(key) ?? []
    if (!known.includes(printed)) homes.set(key, [...known, printed])
  })
  return homes
}

function visit(root: JsonSchema, node: JsonSchema, path: Path, see: (path: Path, key: string) => void): void {
  if (path.length > MAX_DEPTH || node.$ref !== undefined) return
  for (const variant of variants(root, node)) {
    for (const [key, member] of Object.entries(variant.properties ?? {})) {
      see(path, key)
      visit(root, member, [...path, key], see)
    }
    if (variant.items) visit(root, variant.items, path, see)
    if (typeof variant.additionalProperties === 'object')
      visit(root, variant.additionalProperties, [...path, '<name>'], see)
  }
}
