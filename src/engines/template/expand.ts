import { isObject } from '../../core/json.ts'
import { Budget, type RenderOptions } from './bounds.ts'
import { TemplateCache } from './cache.ts'
import { Fault, TemplateError } from './errors.ts'

const MAX_DEPTH = 100

export type Expand = (value: unknown, data: unknown, options?: RenderOptions) => unknown

/** An `expand` with a cache of its own. */
export function createExpander(): Expand {
  const cache = new TemplateCache()
  return (value, data, options) => new Expansion(cache, data, new Budget(options)).value(value)
}

/**
 * Expands every string at any depth of a JSON value; a string that is one action and nothing else takes on the
 * type of its value. All strings share one budget. What a reference yields is not expanded again.
 * @throws TemplateError whose `where` is the place within `value`
 */
export const expand: Expand = createExpander()

class Expansion {
  readonly #cache: TemplateCache
  readonly #data: unknown
  readonly #budget: Budget
  readonly #where: (string | number)[] = []

  constructor(cache: TemplateCache, data: unknown, budget: Budget) {
    this.#cache = cache
    this.#data = data
    this.#budget = budget
  }

  value(value: unknown): unknown {
    if (typeof value === 'string') return value.includes('{{') ? this.#string(value) : value
    if (Array.isArray(value)) return value.map((item, i) => this.#part(i, item))
    return isObject(value) ? this.#object(value) : value
  }

  #object(object: Record<string, unknown>): unknown {
    // `fromEntries` makes an own member even of `__proto__`.
    return Object.fromEntries(Object.entries(object).map(([key, part]) => [key, this.#part(key, part)]))
  }

  #part(key: string | number, part: unknown): unknown {
    if (this.#where.push(key) > MAX_DEPTH) {
      throw this.#error(new Fault('limit', `the value is nested deeper than ${MAX_DEPTH} levels`))
    }
    const expanded = this.value(part)
    this.#where.pop()
    return expanded
  }

  #string(text: string): unknown {
    try {
      return this.#cache.get(text).run(this.#data, this.#budget)
    } catch (error) {
      throw error instanceof TemplateError ? this.#error(error) : error
    }
  }

  #error(cause: Fault | TemplateError): TemplateError {
    const place = cause instanceof TemplateError ? cause : { line: 1, column: 1 }
    return new TemplateError(cause, place, [...this.#where])
  }
}
