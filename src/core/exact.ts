import { parseJson } from './raw.ts'

/**
 * Definitions are parsed, changed and printed again, and their schemas often hold the bounds of 64-bit
 * integers, which no JavaScript number does. Such integers are kept as marked text, and printed as they were.
 */
const MARK_IN_JSON = '\\u0000integer:'
const MARKED = /"\\u0000integer:(-?\d+)"/g
/** No integer of fewer digits is beyond 2^53. */
const LONG = /\d{16}/
/** A string, or what begins like a number. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g
const INTEGER = /^-?\d+$/

/** As `parseJson`; what is printed of the value with `printExact` has every integer of the text. */
export function parseExact(text: string): unknown {
  if (!LONG.test(text)) return parseJson(text)
  return parseJson(text.replace(TOKEN, (token) => (isInexact(token) ? `"${MARK_IN_JSON}${token}"` : token)))
}

/** As `JSON.stringify`, for what `parseExact` gave. */
export function printExact(value: unknown): string {
  const text = JSON.stringify(value)
  return text.includes(MARK_IN_JSON) ? text.replace(MARKED, '$1') : text
}

function isInexact(token: string): boolean {
  return LONG.test(token) && INTEGER.test(token) && String(Number(token)) !== token
}
