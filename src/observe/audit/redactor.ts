import type { Pointer } from '../../core/pointer.ts'
import { parseJson, skipColon, skipSpace, skipString, skipValue } from '../../core/scan.ts'
import { isSecretName } from './secret-names.ts'

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [
  0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d,
] as const
const REDACTED = '"[redacted]"'
/** Text within text within text is not followed further. */
const MAX_NESTING = 4
/** Text that looks like JSON, is longer than this and than what is written anyhow, is not looked into. */
const MAX_NESTED = 64 * 1024
const MAX_DEPTH = 256

/**
 * Copies JSON without its white space and its secrets, and stops when it has written enough: the work is bounded by
 * what is written, not by what there is. Text that is JSON itself, as tools return it, is treated likewise.
 */
export class Redactor {
  readonly #bytes: Buffer
  readonly #nesting: number
  #left: number
  #text = ''

  /** @param limit bytes to write */
  constructor(bytes: Buffer, limit: number, nesting = 0) {
    this.#bytes = bytes
    this.#left = limit
    this.#nesting = nesting
  }

  /** What is written. Where there was no room for all, it ends in the middle. */
  get text(): string {
    return this.#text
  }

  get full(): boolean {
    return this.#left < 0
  }

  /** @throws GatewayError `parse` where brackets and strings do not balance */
  run(pointers: readonly Pointer[]): void {
    this.#value(skipSpace(this.#bytes, 0), pointers, 0)
  }

  /** Returns where the value ends; anything at all once there is no more room. */
  #value(at: number, pointers: readonly Pointer[], depth: number): number {
    const first = this.#bytes[at]
    if (first === OPEN_BRACE) return this.#object(at, pointers, depth)
    if (first === OPEN_BRACKET) return this.#array(at, pointers, depth)
    const end = skipValue(this.#bytes, at, 0)
    if (first === QUOTE && this.#looksLikeJson(at, end)) this.#nested(at, end)
    else this.#copy(at, end)
    return end
  }

  #object(start: number, pointers: readonly Pointer[], depth: number): number {
    const bytes = this.#bytes
    this.#write('{')
    let at = skipSpace(bytes, start + 1)
    while (bytes[at] !== CLOSE_BRACE && !this.full) {
      const nameEnd = skipString(bytes, at)
      const name = parseJson(bytes.toString('utf8', at, nameEnd)) as string
      this.#copy(at, nameEnd)
      this.#write(':')
      const below = within(pointers, name, depth)
      at = skipColon(bytes, nameEnd)
      at = isSecretName(name) || isTarget(below, depth) ? this.#redact(at) : this.#value(at, below, depth + 1)
      at = this.#comma(at)
    }
    this.#write('}')
    return at + 1
  }

  #array(start: number, pointers: readonly Pointer[], depth: number): number {
    const bytes = this.#bytes
    this.#write('[')
    let at = skipSpace(bytes, start + 1)
    for (let index = 0; bytes[at] !== CLOSE_BRACKET && !this.full; index++) {
      const below = within(pointers, String(index), depth)
      at = isTarget(below, depth) ? this.#redact(at) : this.#value(at, below, depth + 1)
      at = this.#comma(at)
    }
    this.#write(']')
    return at + 1
  }

  #comma(from: number): number {
    if (this.full) return from
    const at = skipSpace(this.#bytes, from)
    if (this.#bytes[at] !== 0x2c) return at
    this.#write(',')
    return skipSpace(this.#bytes, at + 1)
  }

  #redact(at: number): number {
    this.#write(REDACTED)
    return this.full ? at : skipValue(this.#bytes, at, MAX_DEPTH)
  }

  /** Behind the quote and white space, escaped or not, there is a bracket. */
  #looksLikeJson(start: number, end: number): boolean {
    const bytes = this.#bytes
    let at = start + 1
    for (;;) {
      at = skipSpace(bytes, at)
      const escaped = bytes[at + 1]
      if (bytes[at] !== BACKSLASH || (escaped !== 0x6e && escaped !== 0x72 && escaped !== 0x74)) break
      at += 2
    }
    return at < end && (bytes[at] === OPEN_BRACE || bytes[at] === OPEN_BRACKET)
  }

  #nested(start: number, end: number): void {
    const tooLong = end - start > Math.max(MAX_NESTED, 2 * this.#left)
    const inner = tooLong
      ? undefined
      : Buffer.from(parseJson(this.#bytes.toString('utf8', start, end)) as string)
    if (inner === undefined || this.#nesting >= MAX_NESTING) {
      this.#write(`"[JSON text of ${end - start} bytes]"`)
    } else if (isJson(inner)) {
      const redactor = new Redactor(inner, this.#left, this.#nesting + 1)
      redactor.run([])
      this.#write(JSON.stringify(redactor.text))
      if (redactor.full) this.#left = -1
    } else this.#copy(start, end)
  }

  #copy(start: number, end: number): void {
    this.#write(this.#bytes.toString('utf8', start, Math.min(end, start + Math.max(this.#left, 0) + 1)))
  }

  #write(text: string): void {
    if (this.full) return
    const bytes = Buffer.byteLength(text)
    this.#text += bytes <= this.#left ? text : cut(text, this.#left)
    this.#left -= bytes
  }
}

function within(pointers: readonly Pointer[], segment: string, depth: number): readonly Pointer[] {
  return pointers.length === 0 ? pointers : pointers.filter((pointer) => pointer[depth] === segment)
}

function isTarget(pointers: readonly Pointer[], depth: number): boolean {
  return pointers.some((pointer) => pointer.length === depth + 1)
}

function isJson(bytes: Buffer): boolean {
  try {
    return skipSpace(bytes, skipValue(bytes, skipSpace(bytes, 0), MAX_DEPTH)) === bytes.length
  } catch {
    return false
  }
}

/** The first bytes, without half a character at the end. */
function cut(text: string, bytes: number): string {
  return Buffer.from(text)
    .subarray(0, bytes)
    .toString('utf8')
    .replace(/\uFFFD+$/, '')
}
