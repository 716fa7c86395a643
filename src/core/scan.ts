import { GatewayError } from './errors.ts'

/**
 * Finds the end of JSON values without decoding them. Objects, arrays and strings are checked for their
 * punctuation, so what was scanned can neither swallow nor leak what stands around it. Left to whoever
 * parses: the spelling of numbers and literals, escapes, control characters and UTF-8 within strings.
 */

export const QUOTE = 0x22
export const BACKSLASH = 0x5c
export const COMMA = 0x2c
export const COLON = 0x3a
export const OPEN_BRACE = 0x7b
export const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Strings are walked this far, then searched natively. */
const SHORT_STRING = 32
/** The longest walk between two searches that each found an escaped quote near by. */
const LONGEST_WALK = 8192

/** `JSON.parse` whose failure is an error of ours. @throws GatewayError `parse` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // The engine's own message quotes the text, which may hold secrets.
    throw new GatewayError('parse', 'not valid JSON', { cause })
  }
}

export function malformed(what: string): GatewayError {
  return new GatewayError('parse', `not valid JSON: ${what}`)
}

/**
 * Returns the offset one past the value that begins at `at`.
 * @param depth how many levels the value may have; a scalar has none
 * @throws GatewayError `parse`
 */
export function skipValue(bytes: Uint8Array, at: number, depth: number): number {
  const first = bytes[at]
  if (first === QUOTE) return skipString(bytes, at)
  if (first === OPEN_BRACE) return skipObject(bytes, at, depth - 1)
  if (first === OPEN_BRACKET) return skipArray(bytes, at, depth - 1)
  return skipScalar(bytes, at)
}

function skipObject(bytes: Uint8Array, start: number, below: number): number {
  if (below < 0) throw tooDeep(start)
  let at = start + 1
  if (isBlank(bytes[at])) at = skipSpace(bytes, at)
  if (bytes[at] === CLOSE_BRACE) return at + 1
  for (;;) {
    if (bytes[at] !== QUOTE) throw malformed(`expected a member name at offset ${at}`)
    at = skipString(bytes, at)
    if (isBlank(bytes[at])) at = skipSpace(bytes, at)
    if (bytes[at] !== COLON) throw malformed(`expected ":" at offset ${at}`)
    at++
    if (isBlank(bytes[at])) at = skipSpace(bytes, at)
    at = skipValue(bytes, at, below)
    if (isBlank(bytes[at])) at = skipSpace(bytes, at)
    const byte = bytes[at]
    if (byte === CLOSE_BRACE) return at + 1
    if (byte !== COMMA) throw malformed(`expected "," or "}" at offset ${at}`)
    at++
    if (isBlank(bytes[at])) at = skipSpace(bytes, at)
  }
}

function skipArray(bytes: Uint8Array, start: number, below: number): number {
  if (below < 0) throw tooDeep(start)
  let at = start + 1
  if (isBlank(bytes[at])) at = skipSpace(bytes, at)
  if (bytes[at] === CLOSE_BRACKET) return at + 1
  for (;;) {
    at = skipValue(bytes, at, below)
    if (isBlank(bytes[at])) at = skipSpace(bytes, at)
    const byte = bytes[at]
    if (byte === CLOSE_BRACKET) return at + 1
    if (byte !== COMMA) throw malformed(`expected "," or "]" at offset ${at}`)
    at++
    if (isBlank(bytes[at])) at = skipSpace(bytes, at)
  }
}

function tooDeep(at: number): GatewayError {
  return malformed(`nested too deeply at offset ${at}`)
}

/** From one past a member's name to the first byte of its value. */
export function skipColon(bytes: Uint8Array, from: number): number {
  const at = skipSpace(bytes, from)
  if (bytes[at] !== COLON) throw malformed(`expected ":" at offset ${at}`)
  return skipSpace(bytes, at + 1)
}

/** Runs over digits, letters, and `+`, `-`, `.` */
function skipScalar(bytes: Uint8Array, start: number): number {
  let at = start
  for (;;) {
    const byte = bytes[at] as number
    const lower = byte | 0x20
    const isDigit = byte >= 0x30 && byte <= 0x39
    if (!isDigit && !(lower >= 0x61 && lower <= 0x7a) && byte !== 0x2d && byte !== 0x2e && byte !== 0x2b)
      break
    at++
  }
  if (at === start) throw malformed(`expected a value at offset ${at}`)
  return at
}

/** Returns the offset one past the closing quote. */
export function skipString(bytes: Uint8Array, start: number): number {
  const near = Math.min(start + SHORT_STRING, bytes.length)
  let at = start + 1
  while (at < near) {
    const byte = bytes[at]
    if (byte === QUOTE) return at + 1
    at += byte === BACKSLASH ? 2 : 1
  }
  return skipLongString(bytes, at)
}

/**
 * A native search costs as much as walking some dozens of bytes; it pays in long plain text and loses in
 * text full of escaped quotes, so the walk lengthens there.
 */
function skipLongString(bytes: Uint8Array, from: number): number {
  let at = from
  let walk = SHORT_STRING
  while (at < bytes.length) {
    const quote = bytes.indexOf(QUOTE, at)
    if (quote < 0) break
    if (!isEscaped(bytes, quote, at)) return quote + 1
    walk = quote - at < 4 * SHORT_STRING ? Math.min(walk * 4, LONGEST_WALK) : SHORT_STRING
    at = walkString(bytes, quote + 1, Math.min(quote + walk, bytes.length))
    if (at < 0) return -at
  }
  throw malformed('unexpected end of a string')
}

/** One past the closing quote, negated; or where the walk ended without it, `limit` or one further. */
function walkString(bytes: Uint8Array, from: number, limit: number): number {
  let at = from
  // Four bytes a round: half the time of one.
  for (const last = limit - 3; at < last; at += 4) {
    let byte = bytes[at]
    if (byte === QUOTE) return -at - 1
    if (byte === BACKSLASH) {
      at -= 2
      continue
    }
    byte = bytes[at + 1]
    if (byte === QUOTE) return -at - 2
    if (byte === BACKSLASH) {
      at -= 1
      continue
    }
    byte = bytes[at + 2]
    if (byte === QUOTE) return -at - 3
    if (byte === BACKSLASH) continue
    byte = bytes[at + 3]
    if (byte === QUOTE) return -at - 4
    if (byte === BACKSLASH) at++
  }
  while (at < limit) {
    const byte = bytes[at]
    if (byte === QUOTE) return -at - 1
    at += byte === BACKSLASH ? 2 : 1
  }
  return at
}

function isEscaped(bytes: Uint8Array, quote: number, from: number): boolean {
  let at = quote - 1
  while (at >= from && bytes[at] === BACKSLASH) at--
  return ((quote - 1 - at) & 1) === 1
}

export function skipSpace(bytes: Uint8Array, from: number): number {
  // Reading past the end would make the engine give up its fast path for this loop.
  const length = bytes.length
  let at = from
  while (at < length && isSpace(bytes[at])) at++
  return at
}

/** A cheap first look; what is blank may still be no JSON white space. */
function isBlank(byte: number | undefined): boolean {
  return (byte as number) <= 0x20
}

export function skipSpaceBack(bytes: Uint8Array, end: number): number {
  let at = end
  while (isSpace(bytes[at - 1])) at--
  return at
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
