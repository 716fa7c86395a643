import { MAX_NESTING } from './bounds.ts'
import { Fault } from './errors.ts'

/** The variables of one body while it is being read. Names are resolved to slots once, here. */
export class Scope {
  readonly #names: string[] = ['$']
  #most = 1
  #nesting: number
  #loops = 0

  /** @param nesting how deep the body itself stands in blocks around it */
  constructor(nesting = 0) {
    this.#nesting = nesting
  }

  get slots(): number {
    return this.#most
  }

  get nesting(): number {
    return this.#nesting
  }

  get inLoop(): boolean {
    return this.#loops > 0
  }

  declare(name: string): number {
    this.#most = Math.max(this.#most, this.#names.push(name))
    return this.#names.length - 1
  }

  find(name: string, offset: number): number {
    const slot = this.#names.lastIndexOf(name)
    if (slot < 0)
      throw new Fault('syntax', `the variable ${name} is not declared; write {{${name} := …}} before`, offset)
    return slot
  }

  /** Variables that `read` declares end with it. */
  block<T>(read: () => T, offset: number): T {
    const count = this.#names.length
    const result = this.nested(read, offset)
    this.#names.length = count
    return result
  }

  loop<T>(read: () => T): T {
    this.#loops++
    const result = read()
    this.#loops--
    return result
  }

  nested<T>(read: () => T, offset: number): T {
    if (++this.#nesting > MAX_NESTING) {
      throw new Fault(
        'limit',
        `nested deeper than ${MAX_NESTING} levels; move a part into a {{define}}`,
        offset,
      )
    }
    const result = read()
    this.#nesting--
    return result
  }
}
