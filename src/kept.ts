import { isDeepStrictEqual } from 'node:util'

/** Things that are made once for equal settings, so that what they hold outlives a change of other settings. */
export class Kept {
  readonly #made = new Map<string, { readonly settings: unknown; readonly thing: unknown }>()

  /** @param name of the kind of thing, which is always of the same type */
  get<T>(name: string, settings: unknown, make: () => T): T {
    const known = this.#made.get(name)
    if (known !== undefined && isDeepStrictEqual(known.settings, settings)) return known.thing as T
    const thing = make()
    this.#made.set(name, { settings, thing })
    return thing
  }
}
