import { GatewayError } from './errors.ts'

/**
 * JSON that is only relayed is never re-serialised: a message is scanned once for the places of its
 * members, and a hop replaces the few members it owns. Integers beyond 2^53, unknown fields and member
 * order therefore survive. The scan proves that brackets and strings balance, so a peer cannot break out
 * of the value it was given; whether a scalar is well-formed is left to whoever parses it.
 */
interface Member {
  readonly key: string
  /** Offset of the opening quote of the key. */
  readonly at: number
  /** Offsets of the value: first byte, and one past the last. */
  readonly start: number
  readonly end: number
  /** The members of the value, where the scan was told to descend. */
  readonly object: RawObject | undefined
}

/** Values by key: JSON text to set, `undefined` to drop the member. */
export type Changes = Readonly<Record<string, string | undefined>>

export const MAX_DEPTH = 128

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
/** Strings are walked byte by byte this far; longer ones are searched natively. */
const SHORT_STRING = 24

interface Source {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly members: readonly Member[]
}

/** A JSON object in the bytes it came in, with the place of each of its members. Immutable. */
export class RawObject {
  readonly #bytes: Buffer
  readonly #start: number
  readonly #end: number
  readonly #members: readonly Member[]
  /** Members that are there in the bytes and no longer count. */
  readonly #hidden: readonly Member[]

  private constructor(source: Source, hidden: readonly Member[] = []) {
    this.#bytes = source.bytes
    this.#start = source.start
    this.#end = source.end
    this.#members = source.members
    this.#hidden = hidden
  }

  static readonly empty: RawObject = new RawObject({
    bytes: Buffer.from('{}'),
    start: 0,
    end: 2,
    members: [],
  })

  /** Wraps a value of our own making. `value` must serialise to a JSON object. */
  static of(value: object): RawObject {
    return RawObject.scan(Buffer.from(JSON.stringify(value)))
  }

  /**
   * Finds the members of the one object that `bytes` holds.
   * @param descend keys whose values, where they are objects, are scanned for members too (in the same pass)
   * @throws GatewayError `parse` when the bytes are not one balanced object of at most MAX_DEPTH levels
   */
  static scan(bytes: Buffer, descend: readonly string[] = []): RawObject {
    const start = skipSpace(bytes, 0)
    const object = scanObject(bytes, start, descend, MAX_DEPTH)
    if (skipSpace(bytes, object.#end) !== bytes.length) throw malformed('text after the end of the object')
    return object
  }

  /** @internal Only the scanner knows offsets. */
  static at(bytes: Buffer, start: number, end: number, members: readonly Member[]): RawObject {
    return new RawObject({ bytes, start, end, members })
  }

  /** @internal One past the closing brace. */
  get end(): number {
    return this.#end
  }

  has(key: string): boolean {
    return this.#find(key) !== undefined
  }

  /** The JSON text of a member, as it was sent. */
  text(key: string): string | undefined {
    const member = this.#find(key)
    return member && this.#bytes.toString('utf8', member.start, member.end)
  }

  /** A member, parsed. @throws GatewayError `parse` when its text is not JSON */
  value(key: string): unknown {
    const text = this.text(key)
    return text === undefined ? undefined : parseJson(text)
  }

  /** A member that is an object, as one of its own. */
  object(key: string): RawObject | undefined {
    const member = this.#find(key)
    if (member === undefined || this.#bytes[member.start] !== OPEN_BRACE) return undefined
    return member.object ?? scanObject(this.#bytes, member.start, [], MAX_DEPTH)
  }

  /** The whole object, parsed. @throws GatewayError `parse` when it is not JSON */
  parse(): Record<string, unknown> {
    return parseJson(this.toString()) as Record<string, unknown>
  }

  /** The names of the members, in their order. */
  get keys(): readonly string[] {
    const visible = this.#hidden.length === 0 ? this.#members : this.#members.filter((it) => this.#shows(it))
    return visible.map((member) => member.key)
  }

  /** The bytes as they came. */
  get bytes(): Buffer {
    return this.edit({}) ?? this.#bytes.subarray(this.#start, this.#end)
  }

  /** The object without some members. Costs no copy: they are left out when the bytes are next asked for. */
  without(keys: readonly string[]): RawObject {
    const gone = this.#members.filter((member) => keys.includes(member.key))
    if (gone.length === 0) return this
    const source = { bytes: this.#bytes, start: this.#start, end: this.#end, members: this.#members }
    return new RawObject(source, [...this.#hidden, ...gone])
  }

  /** The object with members set or dropped; all others keep their bytes and their order. */
  with(changes: Changes): RawObject {
    const bytes = this.edit(changes)
    return bytes === undefined ? this : RawObject.scan(bytes)
  }

  /** The bytes of `with(changes)`, without scanning them again. */
  bytesWith(changes: Changes): Buffer {
    return this.edit(changes) ?? this.bytes
  }

  toString(): string {
    if (this.#hidden.length > 0) return this.bytes.toString('utf8')
    return this.#bytes.toString('utf8', this.#start, this.#end)
  }

  #shows(member: Member): boolean {
    return this.#hidden.length === 0 || !this.#hidden.includes(member)
  }

  #find(key: string): Member | undefined {
    // The last of two members with one key wins, as in JSON.parse.
    for (let i = this.#members.length - 1; i >= 0; i--) {
      const member = this.#members[i]
      if (member?.key === key && this.#shows(member)) return member
    }
    return undefined
  }

  private edit(changes: Changes): Buffer | undefined {
    const keys = Object.keys(changes)
    const cut = this.#members.filter((member) => keys.includes(member.key) || !this.#shows(member))
    const added = keys.flatMap((key) =>
      changes[key] === undefined ? [] : [`${JSON.stringify(key)}:${changes[key]}`],
    )
    if (cut.length === 0 && added.length === 0) return undefined
    const kept = this.#members.length - cut.length
    const tail = Buffer.from(`${kept > 0 && added.length > 0 ? ',' : ''}${added.join(',')}}`)
    return Buffer.concat([...this.#pieces(cut), tail])
  }

  /** Everything before the closing brace except `cut`, without a dangling comma. */
  #pieces(cut: readonly Member[]): Buffer[] {
    const pieces: Buffer[] = []
    let from = this.#start + 1
    let kept = 0
    for (const member of this.#members) {
      if (!cut.includes(member)) {
        kept++
        continue
      }
      pieces.push(this.#bytes.subarray(from, this.#keepUntil(member, kept)))
      from = kept > 0 ? member.end : this.#afterComma(member.end)
    }
    pieces.push(this.#bytes.subarray(from, skipSpaceBack(this.#bytes, this.#end - 1)))
    pieces.unshift(this.#bytes.subarray(this.#start, this.#start + 1))
    return pieces
  }

  /** A cut member takes the comma before it with it, or, as the first of all, the one behind it. */
  #keepUntil(member: Member, kept: number): number {
    if (kept === 0) return member.at
    let at = member.at - 1
    while (this.#bytes[at] !== COMMA) at--
    return at
  }

  #afterComma(end: number): number {
    const at = skipSpace(this.#bytes, end)
    return this.#bytes[at] === COMMA ? skipSpace(this.#bytes, at + 1) : at
  }
}

/** `JSON.parse` whose failure is an error of ours. @throws GatewayError `parse` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new GatewayError('parse', `not valid JSON: ${(cause as Error).message}`, { cause })
  }
}

function malformed(what: string): GatewayError {
  return new GatewayError('parse', `not valid JSON: ${what}`)
}

function scanObject(bytes: Buffer, start: number, descend: readonly string[], depth: number): RawObject {
  if (bytes[start] !== OPEN_BRACE) throw malformed('expected an object')
  const members: Member[] = []
  let at = skipSpace(bytes, start + 1)
  if (bytes[at] === CLOSE_BRACE) return RawObject.at(bytes, start, at + 1, members)
  for (;;) {
    const member = scanMember(bytes, at, descend, depth)
    members.push(member)
    at = skipSpace(bytes, member.end)
    if (bytes[at] === CLOSE_BRACE) return RawObject.at(bytes, start, at + 1, members)
    if (bytes[at] !== COMMA) throw malformed(`expected "," or "}" at offset ${at}`)
    at = skipSpace(bytes, at + 1)
  }
}

function scanMember(bytes: Buffer, at: number, descend: readonly string[], depth: number): Member {
  if (bytes[at] !== QUOTE) throw malformed(`expected a member name at offset ${at}`)
  const keyEnd = skipString(bytes, at)
  const key = readKey(bytes, at, keyEnd)
  const colon = skipSpace(bytes, keyEnd)
  if (bytes[colon] !== COLON) throw malformed(`expected ":" at offset ${colon}`)
  const start = skipSpace(bytes, colon + 1)
  if (bytes[start] === OPEN_BRACE && descend.includes(key)) {
    const object = scanObject(bytes, start, [], depth - 1)
    return { key, at, start, end: object.end, object }
  }
  return { key, at, start, end: skipValue(bytes, start, depth), object: undefined }
}

function readKey(bytes: Buffer, at: number, end: number): string {
  const inner = bytes.toString('utf8', at + 1, end - 1)
  return inner.includes('\\') ? (parseJson(`"${inner}"`) as string) : inner
}

/** Returns the offset one past the value that begins at `at`. */
function skipValue(bytes: Buffer, at: number, depth: number): number {
  const first = bytes[at]
  if (first === QUOTE) return skipString(bytes, at)
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipNested(bytes, at, depth)
  let end = at
  while (end < bytes.length && isScalarByte(bytes[end] as number)) end++
  if (end === at) throw malformed(`expected a value at offset ${at}`)
  return end
}

function isScalarByte(byte: number): boolean {
  return byte !== COMMA && byte !== CLOSE_BRACE && byte !== CLOSE_BRACKET && byte > 0x20 && byte !== QUOTE
}

/** The closing brackets are checked by kind with a bit stack, so that `[}` cannot pass for balanced. */
function skipNested(bytes: Buffer, start: number, depth: number): number {
  const length = bytes.length
  const open: number[] = []
  let at = start
  while (at < length) {
    const byte = bytes[at] as number
    if (byte === QUOTE) {
      at = skipString(bytes, at)
      continue
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (open.push(byte) > depth) throw malformed(`nested deeper than ${MAX_DEPTH} levels`)
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      // In ASCII a closing bracket is its opening one plus two.
      if ((open.pop() ?? 0) + 2 !== byte) throw malformed(`unexpected bracket at offset ${at}`)
      if (open.length === 0) return at + 1
    }
    at++
  }
  throw malformed('unexpected end')
}

/** Returns the offset one past the closing quote. */
function skipString(bytes: Buffer, start: number): number {
  const length = bytes.length
  let at = start + 1
  let limit = Math.min(at + SHORT_STRING, length)
  for (;;) {
    while (at < limit) {
      const byte = bytes[at]
      if (byte === QUOTE) return at + 1
      if (byte === BACKSLASH) {
        at += 2
        limit = Math.min(at + SHORT_STRING, length)
      } else at++
    }
    if (at >= length) throw malformed('unexpected end of a string')
    const quote = bytes.indexOf(QUOTE, at)
    if (quote < 0) throw malformed('unexpected end of a string')
    if (!isEscaped(bytes, quote, at)) return quote + 1
    at = quote + 1
    limit = Math.min(at + SHORT_STRING, length)
  }
}

function isEscaped(bytes: Buffer, quote: number, from: number): boolean {
  let at = quote - 1
  while (at >= from && bytes[at] === BACKSLASH) at--
  return ((quote - 1 - at) & 1) === 1
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from
  while (isSpace(bytes[at])) at++
  return at
}

function skipSpaceBack(bytes: Buffer, end: number): number {
  let at = end
  while (isSpace(bytes[at - 1])) at--
  return at
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
