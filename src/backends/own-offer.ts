import type { JsonObject, ListKind } from '../core/catalog.ts'
import type { Offer } from '../core/ports.ts'

/** What makes an entry of each list the one that it is. */
const KEYS: Readonly<Record<ListKind, string>> = {
  tools: 'name',
  prompts: 'name',
  resources: 'uri',
  templates: 'uriTemplate',
}
const KINDS = Object.keys(KEYS) as readonly ListKind[]

/** What all are shown and a session is not listed, by the keys of the entries. */
export type Beyond = ReadonlySet<unknown>

export function beyond(all: Offer, own: Offer): Beyond {
  return new Set(
    KINDS.flatMap((kind) => {
      const known = new Set(keysOf(kind, own))
      return keysOf(kind, all).filter((key) => !known.has(key))
    }),
  )
}

/** What a session is listed, in the order of what all are shown, and of that what is beyond it. */
export function joined(all: Offer, own: Offer, others: Beyond): Offer {
  const join = (kind: ListKind) => {
    const left = new Map(own[kind].map((entry) => [entry[KEYS[kind]], entry]))
    const known = all[kind].flatMap((entry): readonly JsonObject[] => {
      const key = entry[KEYS[kind]]
      const mine = left.get(key)
      left.delete(key)
      return mine === undefined ? (others.has(key) ? [entry] : []) : [mine]
    })
    return [...known, ...left.values()]
  }
  return {
    tools: join('tools'),
    prompts: join('prompts'),
    resources: join('resources'),
    templates: join('templates'),
  }
}

function keysOf(kind: ListKind, offer: Offer): readonly unknown[] {
  return offer[kind].map((entry) => entry[KEYS[kind]])
}
