import type { Sink } from './bounds.ts'
import { isDigit } from './characters.ts'
import { type Flags, noFlags } from './format.ts'
import { Printer } from './print.ts'
import { goType } from './values.ts'

/** Go's own bound of widths and precisions. */
const MAX_SIZE = 1_000_000
/** How far the end of an index is looked for. */
const MAX_INDEX_LENGTH = 100

/** Go's `fmt.Fprintf` with its ways of saying that a format and its arguments do not fit. */
export function printf(sink: Sink, format: string, args: readonly unknown[]): void {
  new Formatter(sink, format, args).run()
}

class Formatter {
  readonly #sink: Sink
  readonly #format: string
  readonly #args: readonly unknown[]
  #at = 0
  #next = 0
  #reordered = false
  #badIndex = false
  #afterIndex = false

  constructor(sink: Sink, format: string, args: readonly unknown[]) {
    this.#sink = sink
    this.#format = format
    this.#args = args
  }

  run(): void {
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at)
      const end = percent < 0 ? this.#format.length : percent
      if (end > this.#at) this.#sink.write(this.#format.slice(this.#at, end))
      this.#at = end + 1
      if (percent >= 0) this.#directive()
    }
    if (!this.#reordered && this.#next < this.#args.length) this.#extra()
  }

  #directive(): void {
    const flags = this.#readFlags()
    this.#badIndex = false
    this.#afterIndex = false
    this.#readIndex()
    this.#readWidth(flags)
    this.#readPrecision(flags)
    if (!this.#afterIndex) this.#readIndex()
    const point = this.#format.codePointAt(this.#at)
    const verb = point === undefined ? '' : String.fromCodePoint(point)
    this.#at += verb.length
    if (verb === '') this.#sink.write('%!(NOVERB)')
    else this.#verb(verb, flags)
  }

  #verb(verb: string, flags: Flags): void {
    if (verb === '%') this.#sink.write('%')
    else if (this.#badIndex) this.#sink.write(`%!${verb}(BADINDEX)`)
    else if (this.#next >= this.#args.length) this.#sink.write(`%!${verb}(MISSING)`)
    else new Printer(this.#sink, verb, verb === 'v' ? ofV(flags) : flags).print(this.#args[this.#next++])
  }

  #readFlags(): Flags {
    const flags = noFlags()
    for (; ; this.#at++) {
      const char = this.#format[this.#at]
      if (char === '#') flags.sharp = true
      else if (char === '0') flags.zero = true
      else if (char === '+') flags.plus = true
      else if (char === '-') flags.minus = true
      else if (char === ' ') flags.space = true
      else return flags
    }
  }

  /** `[3]`: the number of the argument to take next, from 1. */
  #readIndex(): void {
    this.#afterIndex = false
    if (this.#format[this.#at] !== '[') return
    this.#reordered = true
    const near = this.#format.slice(this.#at, this.#at + MAX_INDEX_LENGTH)
    const close = near.indexOf(']')
    const digits = close < 0 ? '' : near.slice(1, close)
    const index = /^\d{1,7}$/.test(digits) ? Number(digits) - 1 : -1
    this.#afterIndex = /^\d{1,7}$/.test(digits)
    if (index >= 0 && index < this.#args.length) this.#next = index
    else this.#badIndex = true
    this.#at += close < 0 ? 1 : close + 1
  }

  #readWidth(flags: Flags): void {
    if (this.#format[this.#at] !== '*') {
      flags.width = this.#readNumber()
      if (this.#afterIndex && flags.width !== undefined) this.#badIndex = true
      return
    }
    this.#at++
    this.#afterIndex = false
    const width = this.#sizeArgument()
    if (width === undefined) this.#sink.write('%!(BADWIDTH)')
    else flags.width = Math.abs(width)
    if (width !== undefined && width < 0) {
      flags.minus = true
      flags.zero = false
    }
  }

  #readPrecision(flags: Flags): void {
    if (this.#format[this.#at] !== '.' || this.#at + 1 >= this.#format.length) return
    this.#at++
    if (this.#afterIndex) this.#badIndex = true
    this.#readIndex()
    if (this.#format[this.#at] !== '*') {
      flags.precision = this.#readNumber() ?? 0
      return
    }
    this.#at++
    this.#afterIndex = false
    const precision = this.#sizeArgument()
    if (precision === undefined || precision < 0) this.#sink.write('%!(BADPREC)')
    else flags.precision = precision
  }

  /** A number that is too large is none, and swallows what follows, as in Go. */
  #readNumber(): number | undefined {
    let value: number | undefined
    for (; isDigit(this.#format[this.#at]); this.#at++) {
      if (value !== undefined && value > MAX_SIZE) {
        this.#at = this.#format.length
        return undefined
      }
      value = (value ?? 0) * 10 + Number(this.#format[this.#at])
    }
    return value
  }

  /** `*`: a width or precision that is an argument. */
  #sizeArgument(): number | undefined {
    if (this.#next >= this.#args.length) return undefined
    const value = this.#args[this.#next++]
    const size = typeof value === 'bigint' ? Number(value) : value
    return typeof size === 'number' && Number.isInteger(size) && Math.abs(size) <= MAX_SIZE ? size : undefined
  }

  #extra(): void {
    this.#sink.write('%!(EXTRA ')
    this.#args.slice(this.#next).forEach((value, i) => {
      if (i > 0) this.#sink.write(', ')
      if (value !== null) this.#sink.write(`${goType(value)}=`)
      new Printer(this.#sink, 'v', noFlags()).print(value)
    })
    this.#sink.write(')')
  }
}

/** Of `%#v` and `%+v` the sign belongs to the verb and does not reach the numbers. */
function ofV(flags: Flags): Flags {
  return { ...flags, sharpV: flags.sharp, sharp: false, plus: false }
}
