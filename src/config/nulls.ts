import { isObject } from '../core/json.ts'
import type { JsonSchema } from './schema/shape.ts'
import { below, variants } from './schema/shape.ts'

/** Whether there is any null in a document. */
export function hasNulls(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === null
  return Object.values(value).some(hasNulls)
}

/** A key without a value says nothing, as in an emptied block: it counts as absent. The user's own maps keep theirs. */
export function withoutNulls(
  value: unknown,
  root: JsonSchema,
  nodes: readonly JsonSchema[] = [root],
): unknown {
  const fitting = nodes.flatMap((node) => variants(root, node, value))
  const convert = (member: unknown, key: string | number) =>
    withoutNulls(member, root, below(root, fitting, key))
  if (Array.isArray(value)) return value.map(convert)
  if (!isObject(value)) return value
  const isKey = (key: string) =>
    fitting.some(({ properties }) => properties && Object.hasOwn(properties, key))
  const kept = Object.entries(value).filter(([key, member]) => member !== null || !isKey(key))
  return Object.fromEntries(kept.map(([key, member]) => [key, convert(member, key)]))
}
