import type { Item } from '../../core/catalog.ts'
import { type EntityFacts, type Outcome, UNKNOWN, Unknown } from '../../engines/policy/index.ts'
import { ANY_ARGUMENTS } from './arguments.ts'
import { type Above, type Asked, isReserved, ownAttribute } from './target.ts'

/** Whether a template stands for a URI. */
export type Matches = (uriTemplate: string, uri: string) => boolean

/** One of the resources that a template stands for, or one of the tools of a backend: which one is not known. */
export class AnyTarget implements EntityFacts {
  readonly couldBe: (id: string) => boolean
  readonly #item: Item
  readonly #asked: Asked
  readonly #above: Above
  readonly #ancestors: ReadonlySet<string>
  readonly #text: Unknown

  constructor(item: Item, asked: Asked, above: Above, matches: Matches) {
    const template = item.kind === 'template' ? item.uriTemplate : undefined
    this.couldBe = (id) => template === undefined || id === template || matches(template, id)
    this.#item = item
    this.#asked = asked
    this.#above = above
    this.#ancestors = above.of(item, undefined)
    const prefix = template?.split('{', 1)[0] ?? ''
    this.#text = new Unknown(undefined, { prefix, could: this.couldBe })
  }

  attribute(name: string): Outcome | undefined {
    if (name === 'name' || (name === 'uri' && this.#item.kind === 'template')) return this.#text
    const said = ownAttribute(name, this.#item, this.#asked, ANY_ARGUMENTS)
    if (said !== undefined || isReserved(name)) return said
    return this.#item.kind === 'method' || this.#known().length > 0 ? UNKNOWN : undefined
  }

  isIn(key: string): boolean | Unknown {
    if (this.#ancestors.has(key)) return true
    return this.#known().some(({ ancestors }) => ancestors.has(key)) ? UNKNOWN : false
  }

  /** Those that it could be, of which the configuration has something to say. */
  #known() {
    return [...this.#above.policies.entities.ofType(this.#asked.type)].filter(({ id }) => this.couldBe(id))
  }
}
