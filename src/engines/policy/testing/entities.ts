import type { Uid } from './verdict.ts'
import {
  ACTIONS,
  ALL,
  CLIENTS,
  DECIMALS,
  GROUPS,
  IPS,
  MOMENTS,
  NAMES,
  type Pick,
  SERVERS,
  SPANS,
  TEXTS,
  TOOLS,
  TYPES,
  type Type,
} from './vocabulary.ts'

/** Entities and records of all kinds, in Cedar's JSON. */
export class Entities {
  readonly #pick: Pick

  constructor(pick: Pick) {
    this.#pick = pick
  }

  next(): object[] {
    const pick = this.#pick
    const some = (from: readonly Uid[]) => from.filter(() => pick([true, false]))
    const entity = (uid: Uid, parents: readonly Uid[]) => ({
      uid,
      attrs: this.record(2),
      parents,
      ...(pick([true, false]) && { tags: { a: 'b', ab: this.#json('text', 0) } }),
    })
    const all = [
      ...CLIENTS.map((uid) => entity(uid, some(GROUPS))),
      ...TOOLS.map((uid) => entity(uid, some(SERVERS))),
      entity(GROUPS[0] as Uid, some([SERVERS[0] as Uid])),
      entity(ACTIONS[0] as Uid, [{ type: 'Action', id: 'all' }]),
    ]
    return all.filter(() => pick([true, true, true, false]))
  }

  record(depth: number): Record<string, unknown> {
    const pick = this.#pick
    const types = TYPES.filter((type) => pick([true, true, false]) && (depth > 0 || type !== 'record'))
    return Object.fromEntries(
      types.map((type) => [NAMES[type], this.#json(pick([type, type, type, 'long']), depth)]),
    )
  }

  #json(type: Type, depth: number): unknown {
    const pick = this.#pick
    const extension = (fn: string, arg: string) => ({ __extn: { fn, arg } })
    switch (type) {
      case 'bool':
        return pick([true, false])
      case 'long':
        return pick([0, 1, 2, -1, 7, 9_007_199_254_740_991])
      case 'text':
        return pick(TEXTS)
      case 'set':
        return pick<unknown>([
          [],
          [1, 2],
          ['a', 'ab'],
          ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'abc'],
          [[1], [2, 1]],
        ])
      case 'record':
        return depth > 0 ? this.record(depth - 1) : {}
      case 'entity':
        return { __entity: pick(ALL) }
      case 'decimal':
        return extension('decimal', pick(DECIMALS.slice(0, 5)))
      case 'ip':
        return extension('ip', pick(IPS.slice(0, 8)))
      case 'datetime':
        return extension('datetime', pick(MOMENTS.slice(0, 6)))
      case 'duration':
        return extension('duration', pick(SPANS.slice(0, 5)))
    }
  }
}
