import type { Entry, Tree } from '../parse/tree.ts'
import { entryOf, textOf } from '../parse/tree.ts'
import type { Path } from '../path.ts'
import type { Reshaped } from './block.ts'

const SERVICE_ACCOUNT_DEFAULTS = { headerName: 'Authorization', headerFormat: 'Bearer {token}' }

const WITH_BLOCKS: readonly string[] = ['header_injection', 'service_account', 'token_exchange']

/** Settings of a strategy stood under `metadata`, whatever its type. */
export function settingsByType(tree: Tree, path: Path): Reshaped {
  const type = textOf(entryOf(tree, 'type')?.value)
  const metadata = entryOf(tree, 'metadata')
  if (tree.kind !== 'map' || metadata === undefined || type === undefined || !WITH_BLOCKS.includes(type))
    return { tree, findings: [] }
  const entries = tree.entries.map((entry) => (entry === metadata ? { ...entry, key: type } : entry))
  const message = 'the settings under metadata now stand under a key with the name of the type'
  return { tree: { ...tree, entries }, findings: [{ severity: 'deprecated', path, message }] }
}

/** `service_account` was a header with a secret of the environment in it. */
export function serviceAccount(tree: Tree, path: Path): Reshaped {
  const type = entryOf(tree, 'type')
  if (tree.kind !== 'map' || type === undefined || textOf(type.value) !== 'service_account') {
    return { tree, findings: [] }
  }
  const entries = tree.entries.map((entry): Entry => {
    if (entry === type)
      return { ...entry, value: { ...entry.value, kind: 'leaf', value: 'header_injection' } }
    return entry.key === 'headerInjection' ? { ...entry, value: withDefaults(entry.value) } : entry
  })
  const message = 'the strategy service_account is now header_injection with headerValueEnv and headerFormat'
  return {
    tree: { ...tree, entries },
    findings: [{ severity: 'deprecated', path: [...path, 'type'], message }],
  }
}

function withDefaults(tree: Tree): Tree {
  if (tree.kind !== 'map') return tree
  const missing = Object.entries(SERVICE_ACCOUNT_DEFAULTS).filter(([key]) => entryOf(tree, key) === undefined)
  const added = missing.map(([key, value]) => leafEntry(key, value, tree))
  return { ...tree, entries: [...tree.entries, ...added] }
}

/** Parameters were once a map from name to `{type, default}`, every one of them optional. */
export function fullParameters(tree: Tree, path: Path): Reshaped {
  if (!isShorthand(tree)) return { tree, findings: [] }
  const { position } = tree
  const properties: Entry = { key: 'properties', position, value: tree }
  const hint = 'write type: object, and the parameters under properties'
  return {
    tree: { kind: 'map', position, entries: [leafEntry('type', 'object', tree), properties] },
    findings: [
      { severity: 'deprecated', path, part: 'key', message: 'parameters is now a JSON Schema', hint },
    ],
  }
}

function isShorthand(tree: Tree): boolean {
  if (tree.kind !== 'map' || tree.entries.length === 0) return false
  return tree.entries.every(({ value }) => textOf(entryOf(value, 'type')?.value) !== undefined)
}

function leafEntry(key: string, value: string, near: Tree): Entry {
  const { position } = near
  return { key, position, value: { kind: 'leaf', position, value } }
}
