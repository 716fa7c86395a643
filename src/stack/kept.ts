import { isDeepStrictEqual } from 'node:util'

export interface Recipe<T> {
  /** What it is made of: it is another where these are not equal. */
  readonly settings: unknown
  /** The same of what has no settings: it is another where these are not the very same. */
  readonly parts?: readonly unknown[]
  make(): T
  /** Nothing is to be had of it any more. */
  close?(thing: T): void
}

interface Made {
  readonly settings: unknown
  readonly parts: readonly unknown[]
  readonly thing: unknown
  close(): void
}

/**
 * Things that are made once for equal settings, so that what they hold outlives a change of other settings. They are
 * asked for anew for each configuration: once that is served, what it has not asked for is closed.
 */
export class Kept {
  #served: ReadonlyMap<string, Made> = new Map()
  #next = new Map<string, Made>()

  /** @param name of the kind of thing, which is always of the same type */
  get<T>(name: string, recipe: Recipe<T>): T {
    const known = this.#next.get(name) ?? this.#served.get(name)
    const made = known !== undefined && isSame(known, recipe) ? known : madeOf(recipe)
    this.#next.set(name, made)
    return made.thing as T
  }

  /** What the configuration that is served has asked for under this name, if it has. */
  peek<T>(name: string): T | undefined {
    return this.#served.get(name)?.thing as T | undefined
  }

  /** The configuration that things were asked for last is served now. */
  settle(): void {
    const before = this.#served
    this.#served = this.#next
    this.#next = new Map()
    closeAll(before, this.#served)
  }

  /** It is not to be served. */
  revert(): void {
    const unwanted = this.#next
    this.#next = new Map()
    closeAll(unwanted, this.#served)
  }

  close(): void {
    const all = this.#served
    this.#served = new Map()
    closeAll(all, this.#served)
  }
}

function isSame(made: Made, { settings, parts = [] }: Recipe<unknown>): boolean {
  const hasSameParts =
    made.parts.length === parts.length && parts.every((part, at) => part === made.parts[at])
  return hasSameParts && isDeepStrictEqual(made.settings, settings)
}

function madeOf<T>({ settings, parts = [], make, close }: Recipe<T>): Made {
  const thing = make()
  return { settings, parts, thing, close: () => close?.(thing) }
}

/** Those that are not among the others. */
function closeAll(made: ReadonlyMap<string, Made>, others: ReadonlyMap<string, Made>): void {
  for (const [name, it] of made) if (others.get(name) !== it) it.close()
}
