import type { Outcome } from './values.ts'
import { keyOf } from './values.ts'

/** What is known of an entity. */
export interface Entity {
  attribute(name: string): Outcome | undefined
  tag(name: string): Outcome | undefined
  /** The keys of all that it is in, however far up; not its own. */
  readonly ancestors: ReadonlySet<string>
}

/** Finds entities by key. */
export interface Entities {
  find(key: string): Entity | undefined
}

/** An entity as the configuration has it. */
export interface StaticEntity {
  readonly type: string
  readonly id: string
  readonly attributes: ReadonlyMap<string, Outcome>
  readonly tags: ReadonlyMap<string, Outcome>
  /** Keys. */
  readonly parents: readonly string[]
}

const NONE: ReadonlySet<string> = new Set()

/** The entities of a configuration, with all that each is in worked out. */
export class EntityStore implements Entities {
  readonly #entities = new Map<string, Entity & { readonly of: StaticEntity }>()

  constructor(all: readonly StaticEntity[]) {
    const parents = new Map(all.map((it) => [keyOf(it.type, it.id), it.parents]))
    for (const it of all) {
      const ancestors = closure(it.parents, parents)
      this.#entities.set(keyOf(it.type, it.id), {
        of: it,
        ancestors,
        attribute: (name) => it.attributes.get(name),
        tag: (name) => it.tags.get(name),
      })
    }
  }

  find(key: string): Entity | undefined {
    return this.#entities.get(key)
  }

  /** What an entity with these parents is in, by whatever is known of them. */
  above(parents: readonly string[]): ReadonlySet<string> {
    return new Set(parents.flatMap((key) => [key, ...(this.find(key)?.ancestors ?? NONE)]))
  }

  /** Those of a type. */
  *ofType(type: string): Iterable<StaticEntity & Pick<Entity, 'ancestors'>> {
    for (const { of, ancestors } of this.#entities.values()) if (of.type === type) yield { ...of, ancestors }
  }
}

/** Circles are no harm. */
function closure(
  start: readonly string[],
  parents: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const found = new Set<string>()
  const open = [...start]
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (found.has(key)) continue
    found.add(key)
    open.push(...(parents.get(key) ?? []))
  }
  return found
}
