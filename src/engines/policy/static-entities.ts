import type { StaticEntity } from './entities.ts'
import { parseMarked } from './integers.ts'
import { valueOfEntityJson } from './json.ts'
import type { Outcome } from './values.ts'
import { keyOf } from './values.ts'

interface EntityJson {
  readonly uid: UidJson
  readonly attrs?: Readonly<Record<string, unknown>>
  readonly tags?: Readonly<Record<string, unknown>>
  readonly parents?: readonly UidJson[]
}

type UidJson = { readonly type: string; readonly id: string } | { readonly __entity: UidJson }

/** @param json a list of entities that Cedar's own reader has accepted (JSON entity format) */
export function readEntities(json: string): StaticEntity[] {
  return (parseMarked(json) as EntityJson[]).map(({ uid, attrs, tags, parents = [] }) => ({
    ...uidOf(uid),
    attributes: valuesOf(attrs),
    tags: valuesOf(tags),
    parents: parents.map(uidOf).map(({ type, id }) => keyOf(type, id)),
  }))
}

function uidOf(uid: UidJson): { readonly type: string; readonly id: string } {
  return '__entity' in uid ? uidOf(uid.__entity) : { type: uid.type, id: uid.id }
}

function valuesOf(json: Readonly<Record<string, unknown>> = {}): ReadonlyMap<string, Outcome> {
  return new Map(Object.entries(json).map(([name, value]) => [name, valueOfEntityJson(value)]))
}
