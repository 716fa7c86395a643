import type { Call } from '../../core/call.ts'
import type { RawObject } from '../../core/raw.ts'
import { Fault, type Outcome, parseMarked, UNKNOWN, valueOfJson } from '../../engines/policy/index.ts'

/** The arguments of a call as attributes, without `arg_`. */
export interface Arguments {
  get(name: string): Outcome | undefined
  all(): ReadonlyMap<string, Outcome>
}

const PRESENT = '_present'
const TWICE = new Fault('the arguments have a name twice')

/** Of something that is not called, such as an entry of a list: any. */
export const ANY_ARGUMENTS: Arguments = {
  get: () => UNKNOWN,
  all: () => new Map([['*', UNKNOWN]]),
}

const NO_ARGUMENTS: Arguments = { get: () => undefined, all: () => new Map() }

export function argumentsOf(call: Call): Arguments {
  return call.kind === 'tool' || call.kind === 'prompt' ? new GivenArguments(call.params) : NO_ARGUMENTS
}

/** Read as far as policies look at them. */
class GivenArguments implements Arguments {
  readonly #params: RawObject
  #given: RawObject | undefined | null = null
  #isAmbiguous = false
  /** Each is converted once, however many policies look at it. */
  readonly #known = new Map<string, Outcome | undefined>()

  constructor(params: RawObject) {
    this.#params = params
  }

  get(name: string): Outcome | undefined {
    if (this.#known.has(name)) return this.#known.get(name)
    const outcome = this.#outcomeOf(name)
    this.#known.set(name, outcome)
    return outcome
  }

  #outcomeOf(name: string): Outcome | undefined {
    const given = this.#read()
    if (this.#isAmbiguous) return TWICE
    if (given === undefined) return undefined
    if (name.endsWith(PRESENT) && isComposed(given.text(name.slice(0, -PRESENT.length)))) return true
    return outcomeOf(given.text(name))
  }

  all(): ReadonlyMap<string, Outcome> {
    const given = this.#read()
    if (this.#isAmbiguous) return new Map([['*', TWICE]])
    const all = new Map<string, Outcome>()
    for (const key of given?.keys ?? []) {
      for (const name of [key, key + PRESENT]) {
        const value = this.get(name)
        if (value !== undefined) all.set(name, value)
      }
    }
    return all
  }

  /** Of two members with one name, we might judge the one and the backend act on the other. */
  #read(): RawObject | undefined {
    if (this.#given !== null) return this.#given
    this.#given = this.#params.object('arguments')
    const { keys } = this.#params
    this.#isAmbiguous = keys.indexOf('arguments') !== keys.lastIndexOf('arguments') || repeats(this.#given)
    return this.#given
  }
}

function repeats(object: RawObject | undefined): boolean {
  const keys = object?.keys ?? []
  return new Set(keys).size !== keys.length
}

/** Lists, objects and null. */
function isComposed(text: string | undefined): boolean {
  return text !== undefined && (text.startsWith('[') || text.startsWith('{') || text === 'null')
}

function outcomeOf(text: string | undefined): Outcome | undefined {
  if (text === undefined) return undefined
  try {
    return valueOfJson(parseMarked(text))
  } catch {
    return new Fault('an argument is not JSON')
  }
}
