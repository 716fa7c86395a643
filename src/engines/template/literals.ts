import { Fault } from './errors.ts'
import type { Token } from './lexer.ts'

const MAX_NUMBER_LENGTH = 400
const MIN_INT = -(2n ** 63n)
const MAX_INT = 2n ** 63n - 1n

const DECIMAL = /^(?:0|[1-9](?:_?\d)*)$/
const OLD_OCTAL = /^0(?:_?[0-7])+$/
const PREFIXED = /^0(?:[xX](?:_?[\da-fA-F])+|[oO](?:_?[0-7])+|[bB](?:_?[01])+)$/
const DECIMAL_FLOAT = /^(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?$/
const HEX_FLOAT = /^0[xX]((?:_?[\da-fA-F])*)(?:\.([\da-fA-F](?:_?[\da-fA-F])*)?)?[pP]([+-]?\d(?:_?\d)*)$/

export function literalValue(token: Token): string | number | bigint {
  const { kind, text, offset } = token
  if (kind === 'number') return readNumber(text, offset)
  const value = unquote(text, offset)
  const point = value.codePointAt(0)
  // One character in single quotes is its code point in Go; more than one is no Go, and a string here.
  const isCharacter = kind === 'char' && point !== undefined && String.fromCodePoint(point) === value
  return isCharacter ? BigInt(point) : value
}

/** Go's number literals: an integer is a `bigint` of 64 bits, a floating-point number a `number`. */
function readNumber(text: string, offset: number): bigint | number {
  if (text.length > MAX_NUMBER_LENGTH) throw new Fault('limit', 'this number is too long', offset)
  if (text.endsWith('i')) throw new Fault('syntax', `${text}: complex numbers are not supported`, offset)
  const negative = text.startsWith('-')
  const digits = /^[+-]/.test(text) ? text.slice(1) : text
  const whole = readInteger(digits)
  if (whole !== undefined) return checkRange(negative ? -whole : whole, text, offset)
  const value = readFloat(digits)
  if (value === undefined) throw new Fault('syntax', `${text} is not a number`, offset)
  if (!Number.isFinite(value)) throw new Fault('syntax', `${text} is out of range`, offset)
  return negative ? -value : value
}

function readInteger(digits: string): bigint | undefined {
  if (DECIMAL.test(digits) || PREFIXED.test(digits)) return BigInt(digits.replaceAll('_', ''))
  if (OLD_OCTAL.test(digits)) return BigInt(`0o${digits.slice(1).replaceAll('_', '')}`)
  return undefined
}

function checkRange(value: bigint, text: string, offset: number): bigint {
  if (value >= MIN_INT && value <= MAX_INT) return value
  throw new Fault('syntax', `${text} does not fit in 64 bits; write it with a decimal point`, offset)
}

function readFloat(digits: string): number | undefined {
  if (DECIMAL_FLOAT.test(digits) && /[.eE]/.test(digits)) return Number(digits.replaceAll('_', ''))
  const hex = HEX_FLOAT.exec(digits.replace(/\.$/, ''))
  if (hex === null) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = hex.map((part) => part?.replaceAll('_', ''))
  if (whole + fraction === '') return undefined
  return Number(`0x${whole}${fraction}`) * 2 ** (Number(exponent) - 4 * fraction.length)
}

/** The text of a quoted literal, quotes included: `"…"`, `'…'` or a raw one in backquotes. */
export function unquote(literal: string, offset: number): string {
  const quote = literal[0]
  const inner = literal.slice(1, -1)
  if (quote === '`') return inner.replaceAll('\r', '')
  return inner.includes('\\') ? withoutEscapes(inner, quote as string, offset) : inner
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([^xuU0-7]))/suy

/** Escapes may spell single bytes of UTF-8, so the pieces are joined as bytes. */
function withoutEscapes(inner: string, quote: string, offset: number): string {
  const pieces: Buffer[] = []
  let at = 0
  while (at < inner.length) {
    const backslash = inner.indexOf('\\', at)
    if (backslash < 0) break
    pieces.push(Buffer.from(inner.slice(at, backslash)))
    ESCAPE.lastIndex = backslash
    const match = ESCAPE.exec(inner)
    const piece = match === null ? undefined : escaped(match, quote)
    if (match === null || piece === undefined) throw badEscape(inner, backslash, offset)
    pieces.push(piece)
    at = backslash + match[0].length
  }
  pieces.push(Buffer.from(inner.slice(at)))
  return Buffer.concat(pieces).toString('utf8')
}

function escaped(match: RegExpExecArray, quote: string): Buffer | undefined {
  const [, byte, short, long, octal, char] = match
  if (byte !== undefined) return Buffer.of(Number.parseInt(byte, 16))
  if (octal !== undefined)
    return Number.parseInt(octal, 8) > 255 ? undefined : Buffer.of(Number.parseInt(octal, 8))
  const point = short ?? long
  if (point !== undefined) return pointBytes(Number.parseInt(point, 16))
  if (char === quote) return Buffer.from(quote)
  const simple = SIMPLE[char as string]
  return simple === undefined ? undefined : Buffer.from(simple)
}

function pointBytes(point: number): Buffer | undefined {
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined
  return Buffer.from(String.fromCodePoint(point))
}

function badEscape(inner: string, at: number, offset: number): Fault {
  const shown = inner.slice(at, at + 2)
  return new Fault(
    'syntax',
    `${shown} is no escape here; write \\\\ for a backslash, or use backquotes`,
    offset + 1 + at,
  )
}
