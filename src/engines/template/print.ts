import { MAX_VALUE_DEPTH, type Sink } from './bounds.ts'
import { sortedKeys } from './characters.ts'
import { Fault } from './errors.ts'
import { GO_EXPONENT } from './float.ts'
import { type Flags, formatInteger, formatNumber, formatString, noFlags, pad } from './format.ts'
import { goType } from './values.ts'

const PLAIN: Readonly<Flags> = noFlags()
const INTEGER_VERBS = 'dboOxXcqU'
const FLOAT_VERBS = 'eEfFgG'

/** As `%v` prints it: `3`, `text`, `<nil>`, `[1 2]`, `map[a:1 b:2]`. */
export function printValue(sink: Sink, value: unknown): void {
  const simple = simpleText(value)
  if (simple === undefined) new Printer(sink, 'v', PLAIN).print(value)
  else sink.write(simple)
}

/** What prints alike in Go and in JavaScript. */
function simpleText(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < 1e6 && !Object.is(value, -0)
        ? String(value)
        : undefined
    default:
      return undefined
  }
}

/** Go's `fmt.Sprint`: a space between two operands of which neither is a string. */
export function printAll(sink: Sink, values: readonly unknown[]): void {
  values.forEach((value, i) => {
    if (i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string') sink.write(' ')
    printValue(sink, value)
  })
}

/** Writes values under one verb and its flags. Lists and maps apply them to their parts. */
export class Printer {
  readonly #sink: Sink
  readonly #verb: string
  readonly #flags: Readonly<Flags>

  constructor(sink: Sink, verb: string, flags: Readonly<Flags>) {
    this.#sink = sink
    this.#verb = verb
    this.#flags = flags
  }

  print(value: unknown, depth = 0): void {
    if (depth > MAX_VALUE_DEPTH) {
      throw new Fault(
        'limit',
        `the value is nested deeper than ${MAX_VALUE_DEPTH} levels and cannot be printed`,
      )
    }
    if (value === null || value === undefined) this.#null(depth)
    else if (depth === 0 && this.#verb === 'T')
      this.#sink.write(formatString(goType(value), 's', this.#flags) ?? '')
    else if (Array.isArray(value)) this.#list(value, depth)
    else if (typeof value === 'object') this.#object(value as Record<string, unknown>, depth)
    else this.#sink.write(this.#scalar(value) ?? this.#bad(value))
  }

  #null(depth: number): void {
    if (depth > 0) this.#sink.write(this.#flags.sharpV ? 'interface {}(nil)' : '<nil>')
    else if (this.#verb === 'v' || this.#verb === 'T') this.#sink.write(pad('<nil>', this.#flags))
    else this.#sink.write(`%!${this.#verb}(<nil>)`)
  }

  #scalar(value: unknown): string | undefined {
    switch (typeof value) {
      case 'string':
        return formatString(value, this.#verb, this.#flags)
      case 'boolean':
        return this.#verb === 't' || this.#verb === 'v' ? pad(String(value), this.#flags) : undefined
      case 'bigint':
        return this.#integer(value)
      case 'number':
        return this.#number(value)
      default:
        return undefined
    }
  }

  /** Go refuses `%f` for its ints and `%d` for its floats; here both are numbers. */
  #integer(value: bigint): string | undefined {
    if (FLOAT_VERBS.includes(this.#verb))
      return formatNumber(Number(value), this.#verb, this.#flags, GO_EXPONENT)
    return formatInteger(value, this.#verb, this.#flags)
  }

  #number(value: number): string | undefined {
    if (Number.isInteger(value) && INTEGER_VERBS.includes(this.#verb)) {
      return formatInteger(BigInt(value), this.#verb, this.#flags)
    }
    const exponent = this.#verb === 'v' ? this.#sink.budget.exponent : GO_EXPONENT
    return formatNumber(value, this.#verb, this.#flags, exponent)
  }

  /** A verb that does not fit is printed in Go's words for it. */
  #bad(value: unknown): string {
    const shown = new Printer(this.#sink, 'v', { ...this.#flags, sharpV: false }).#scalar(value) ?? '?'
    return `%!${this.#verb}(${goType(value)}=${shown})`
  }

  #list(list: readonly unknown[], depth: number): void {
    const { sharpV } = this.#flags
    this.#sink.write(sharpV ? '[]interface {}{' : '[')
    for (let i = 0; i < list.length; i++) {
      if (i > 0) this.#sink.write(sharpV ? ', ' : ' ')
      this.print(list[i], depth + 1)
    }
    this.#sink.write(sharpV ? '}' : ']')
  }

  #object(object: Record<string, unknown>, depth: number): void {
    const { sharpV } = this.#flags
    this.#sink.write(sharpV ? 'map[string]interface {}{' : 'map[')
    let separator = ''
    for (const key of sortedKeys(object)) {
      this.#sink.write(separator)
      this.print(key, depth + 1)
      this.#sink.write(':')
      this.print(object[key], depth + 1)
      separator = sharpV ? ', ' : ' '
    }
    this.#sink.write(sharpV ? '}' : ']')
  }
}
