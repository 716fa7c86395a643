import { Fault } from './errors.ts'

const SHOWN_KEYS = 8
const SHOWN_LENGTH = 40

/** The names of one reference, for telling where it broke. */
export interface Trail {
  /** What the names are looked up in: empty for the data themselves, else `$x`, `.`, `(…)` or `index`. */
  readonly base: string
  readonly path: readonly string[]
  readonly at: number
}

/**
 * What a reference yields that the data do not have. It may be tested and defaulted; any other use of it is
 * an error, so it never reaches the output.
 */
export class Missing {
  readonly #trail: Trail
  readonly #index: number
  readonly #parent: unknown

  /** @param index of the name in the trail that `parent` does not have */
  constructor(trail: Trail, index: number, parent: unknown) {
    this.#trail = trail
    this.#index = index
    this.#parent = parent
  }

  fault(): Fault {
    const { base, path, at } = this.#trail
    const full = written(base, path)
    const found = `${ownerOf(this.#trail, this.#index)} ${lacks(this.#parent, path[this.#index] ?? '')}`
    const argument = base === '' ? `.${full}` : base === 'index' ? '(index …)' : full
    const mend = `where it may be missing, write {{default "…" ${argument}}}`
    return new Fault('missing', `${full} is missing: ${found}; ${mend}`, at)
  }
}

function written(base: string, path: readonly string[]): string {
  const names = path.map(shortened).join('.')
  if (base === 'index') return `index "${names}"`
  return base === '' ? names : base === '.' ? `.${names}` : `${base}.${names}`
}

function ownerOf(trail: Trail, index: number): string {
  if (index > 0) return `'${shortened(trail.path[index - 1] ?? '')}'`
  if (trail.base === 'index') return 'the value'
  return trail.base === '' ? 'the data' : `'${trail.base}'`
}

function lacks(parent: unknown, name: string): string {
  if (parent === null || parent === undefined) return 'is null'
  if (Array.isArray(parent))
    return `is a list of ${parent.length}, ${/^\d+$/.test(name) ? 'counted from 0' : 'use index or range'}`
  if (typeof parent !== 'object') return `is a ${typeof parent}, which has no '${shortened(name)}'`
  const keys = Object.keys(parent)
  const more = keys.length > SHOWN_KEYS ? ', …' : ''
  const has =
    keys.length === 0 ? 'it is empty' : `has: ${keys.slice(0, SHOWN_KEYS).map(shortened).join(', ')}${more}`
  return `has no '${shortened(name)}'; ${has}`
}

function shortened(name: string): string {
  return name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name
}
