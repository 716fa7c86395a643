import { DEFAULT_GROUP_TYPE } from '../../core/authorization.ts'
import { isObject } from '../../core/json.ts'
import { checkEntities } from '../../engines/policy/index.ts'
import type { Finding } from '../diagnostics.ts'
import type { Place } from '../place.ts'
import { child, exists, items, textAt, wrong } from '../place.ts'
import { type PolicyFault, policyFaults, type Vocabulary } from './policy-text.ts'

/** Reads every policy with the engine that knows the language. The engine is loaded only when there is one. */
export function* cedarPolicies(root: Place): Iterable<Finding> {
  const authz = child(root, 'incomingAuth', 'authz')
  const entities = child(authz, 'entitiesJson')
  const json = textAt(entities)
  const fault = json === undefined ? undefined : checkEntities(json)
  if (fault !== undefined) yield wrong(entities, fault)
  const vocabulary = vocabularyOf(authz)
  for (const place of items(child(authz, 'policies'))) {
    const text = textAt(place)
    if (text === undefined) continue
    for (const found of policyFaults(text, vocabulary))
      yield wrong(place, `${found.message}${lineOf(found, text)}`, found.hint)
  }
}

/** Of a policy that has one line the place of the key says enough. */
function lineOf({ offset }: PolicyFault, text: string): string {
  if (offset === undefined) return ''
  const { line, column } = position(text, offset)
  return text.trimEnd().includes('\n') ? ` (line ${line}, column ${column} of the policy)` : ''
}

/** From 1. */
export function position(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** What entities that cannot be read say counts for nothing. */
export function vocabularyOf(authz: Place): Vocabulary {
  const uids = exists(child(authz, 'entitiesJson')) ? uidsIn(textAt(child(authz, 'entitiesJson')) ?? '') : []
  const groupType = textAt(child(authz, 'groupEntityType')) ?? DEFAULT_GROUP_TYPE
  return {
    groupType,
    types: new Set(uids.map(({ type }) => type)),
    actionGroups: new Set(uids.filter(({ type }) => type === 'Action').map(({ id }) => id)),
  }
}

function uidsIn(json: string): { type: string; id: string }[] {
  try {
    const entities: unknown = JSON.parse(json)
    if (!Array.isArray(entities)) return []
    return entities.filter(isObject).flatMap(({ uid, parents }) => [uid, ...listOf(parents)].flatMap(uidOf))
  } catch {
    return []
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function uidOf(value: unknown): { type: string; id: string }[] {
  if (!isObject(value)) return []
  const { type, id, __entity: entity } = value
  if (entity !== undefined) return uidOf(entity)
  return typeof type === 'string' && typeof id === 'string' ? [{ type, id }] : []
}
