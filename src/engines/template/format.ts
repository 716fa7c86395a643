import { isPrintable } from './characters.ts'
import { canBackquote, quote } from './escape.ts'
import { formatFloat } from './float.ts'

/** What stands between `%` and the verb of Go's `printf`. */
export interface Flags {
  plus: boolean
  minus: boolean
  sharp: boolean
  space: boolean
  zero: boolean
  /** `%#v`, where `#` does not reach the parts. */
  sharpV: boolean
  width: number | undefined
  precision: number | undefined
}

export function noFlags(): Flags {
  return {
    plus: false,
    minus: false,
    sharp: false,
    space: false,
    zero: false,
    sharpV: false,
    width: undefined,
    precision: undefined,
  }
}

/** Go pads with zeros to the left only, and text as well as numbers. */
export function pad(text: string, flags: Flags, zero = flags.zero): string {
  const missing = (flags.width ?? 0) - countPoints(text, flags.width)
  if (missing <= 0) return text
  if (flags.minus) return text + ' '.repeat(missing)
  return (zero ? '0' : ' ').repeat(missing) + text
}

function countPoints(text: string, width: number | undefined): number {
  if (width === undefined || text.length > 2 * width) return text.length
  let count = 0
  for (const _ of text) count++
  return count
}

export function formatString(text: string, verb: string, flags: Flags): string | undefined {
  switch (verb) {
    case 'v':
      return flags.sharpV ? formatQuoted(text, flags) : pad(truncate(text, flags), flags)
    case 's':
      return pad(truncate(text, flags), flags)
    case 'q':
      return formatQuoted(text, flags)
    case 'x':
      return formatBytes(text, flags)
    case 'X':
      return formatBytes(text, flags).toUpperCase()
    default:
      return undefined
  }
}

function truncate(text: string, { precision }: Flags): string {
  if (precision === undefined || text.length <= precision) return text
  let end = 0
  for (let left = precision; left > 0 && end < text.length; left--)
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
  return text.slice(0, end)
}

function formatQuoted(text: string, flags: Flags): string {
  const shown = truncate(text, flags)
  if (flags.sharp && canBackquote(shown)) return pad(`\`${shown}\``, flags)
  return pad(quote(shown, flags.plus), flags)
}

function formatBytes(text: string, flags: Flags): string {
  const bytes = Buffer.from(text, 'utf8').subarray(0, flags.precision)
  const prefix = flags.sharp && bytes.length > 0 ? '0x' : ''
  if (!flags.space) return pad(prefix + bytes.toString('hex'), flags)
  return pad(Array.from(bytes, (byte) => prefix + byte.toString(16).padStart(2, '0')).join(' '), flags)
}

export function formatInteger(value: bigint, verb: string, flags: Flags): string | undefined {
  switch (verb) {
    case 'v':
    case 'd':
      return digitsOf(value, 10, '', flags)
    case 'b':
      return digitsOf(value, 2, flags.sharp ? '0b' : '', flags)
    case 'o':
      return digitsOf(value, 8, flags.sharp ? '0' : '', flags)
    case 'O':
      return digitsOf(value, 8, flags.sharp ? '0o0' : '0o', flags)
    case 'x':
      return digitsOf(value, 16, flags.sharp ? '0x' : '', flags)
    case 'X':
      return digitsOf(value, 16, flags.sharp ? '0x' : '', flags)?.toUpperCase()
    case 'c':
      return pad(character(value), flags)
    case 'q':
      return pad(quote(character(value), flags.plus, "'"), flags)
    case 'U':
      return pad(unicode(value, flags), flags, false)
    default:
      return undefined
  }
}

function digitsOf(value: bigint, base: number, prefix: string, flags: Flags): string {
  if (flags.precision === 0 && value === 0n) return ' '.repeat(flags.width ?? 0)
  const sign = value < 0n ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  const digits = (value < 0n ? -value : value).toString(base).padStart(leastDigits(sign, flags), '0')
  // Octal has its leading zero already when it was filled up with zeros.
  const needed = base === 8 && digits.startsWith('0') ? prefix.replace(/0$/, '') : prefix
  return pad(sign + needed + digits, flags, false)
}

function leastDigits(sign: string, { precision, zero, minus, width }: Flags): number {
  if (precision !== undefined) return precision
  return zero && !minus && width !== undefined ? width - sign.length : 0
}

function character(value: bigint): string {
  const valid = value >= 0n && value <= 0x10ffffn && (value < 0xd800n || value > 0xdfffn)
  return valid ? String.fromCodePoint(Number(value)) : '\ufffd'
}

function unicode(value: bigint, flags: Flags): string {
  const bits = BigInt.asUintN(64, value)
  const code = `U+${bits
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(flags.precision ?? 0, 4), '0')}`
  const shows = flags.sharp && bits <= 0x10ffffn && isPrintable(character(bits))
  return shows ? `${code} '${character(bits)}'` : code
}

/** @param exponent from which power of ten on `%v` and `%g` have an exponent, unless a precision says so */
export function formatNumber(
  value: number,
  verb: string,
  flags: Flags,
  exponent: number,
): string | undefined {
  const format = FLOAT_FORMATS[verb]
  if (format === undefined) return undefined
  const precision = flags.precision ?? ('efF'.includes(verb.toLowerCase()) ? 6 : -1)
  const text = formatFloat(value, format, precision, exponent)
  return signed(verb === 'E' || verb === 'G' ? text.toUpperCase() : text, verb, flags)
}

const FLOAT_FORMATS: Readonly<Record<string, string>> = {
  v: 'g',
  g: 'g',
  G: 'g',
  e: 'e',
  E: 'e',
  f: 'f',
  F: 'f',
}

function signed(text: string, verb: string, flags: Flags): string {
  const bare = /^[+-]/.test(text) ? text.slice(1) : text
  const sign = text.startsWith('-') ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  if (/^[IN]/i.test(bare)) return pad((bare === 'Inf' && sign === '' ? '+' : sign) + bare, flags, false)
  const number = flags.sharp ? withPoint(bare, verb, flags) : bare
  if (!flags.zero || flags.minus || sign === '') return pad(sign + number, flags)
  return sign + number.padStart((flags.width ?? 0) - sign.length, '0')
}

/** The flag `#` always writes a decimal point, and for `%g` the zeros at the end too. */
function withPoint(text: string, verb: string, flags: Flags): string {
  const at = text.search(/[eE]/)
  const number = at < 0 ? text : text.slice(0, at)
  const pointed = number.includes('.') ? number : `${number}.`
  const wanted = 'vgG'.includes(verb) ? (flags.precision ?? 6) : 0
  const significant = number.replace('.', '').replace(/^0+(?=.)/, '').length
  return pointed + '0'.repeat(Math.max(wanted - significant, 0)) + (at < 0 ? '' : text.slice(at))
}
