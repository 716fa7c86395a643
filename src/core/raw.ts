import { isNamed, type Name, readName, skipName } from './name.ts'
import {
  CLOSE_BRACE,
  COMMA,
  malformed,
  OPEN_BRACE,
  parseJson,
  QUOTE,
  skipColon,
  skipSpace,
  skipSpaceBack,
  skipValue,
} from './scan.ts'

export { parseJson } from './scan.ts'

/**
 * JSON that is only relayed is never re-serialised: a message is scanned once for the places of its
 * members, and a hop replaces the few members it owns. Integers beyond 2^53, unknown fields and member
 * order therefore survive. The scan proves the punctuation of objects, arrays and strings, so a peer
 * cannot break out of the value it was given; whether a scalar is well-formed is left to whoever parses it.
 */
interface Member extends Name {
  /** Offsets of the value: first byte, and one past the last. */
  readonly start: number
  readonly end: number
  /** The members of the value, where the scan was told to descend. */
  readonly object: RawObject | undefined
}

/** Values by key: JSON text to set, `undefined` to drop the member. */
export type Changes = Readonly<Record<string, string | undefined>>

/** Levels of objects and arrays in one message, the outermost included. */
export const MAX_DEPTH = 128

/** Of one object whose members are looked at; each costs some 80 bytes of memory. */
export const MAX_MEMBERS = 65_536

/** Names looked up by comparing bytes; with more of them, both sides are decoded. */
const FEW_NAMES = 8

interface Source {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly members: readonly Member[]
}

const NONE: ReadonlySet<Member> = new Set()

/** A JSON object in the bytes it came in, with the place of each of its members. Immutable. */
export class RawObject {
  readonly #bytes: Buffer
  readonly #start: number
  readonly #end: number
  readonly #members: readonly Member[]
  /** Members that are there in the bytes and no longer count. */
  readonly #hidden: ReadonlySet<Member>

  private constructor(source: Source, hidden: ReadonlySet<Member> = NONE) {
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
    return this.#members.filter((it) => !this.#hidden.has(it)).map((it) => readName(this.#bytes, it))
  }

  /** The bytes as they came. */
  get bytes(): Buffer {
    return this.bytesWith({})
  }

  /** The object without some members. Costs no copy: they are left out when the bytes are next asked for. */
  without(keys: readonly string[]): RawObject {
    const gone = this.#named(keys)
    if (gone.size === this.#hidden.size) return this
    const source = { bytes: this.#bytes, start: this.#start, end: this.#end, members: this.#members }
    return new RawObject(source, gone)
  }

  /** The object with members set or dropped; all others keep their bytes and their order. */
  with(changes: Changes): RawObject {
    const pieces = this.#edit(changes)
    return pieces === undefined ? this : RawObject.scan(Buffer.concat(pieces))
  }

  /** The bytes of `with(changes)`, without scanning them again. */
  bytesWith(changes: Changes): Buffer {
    const pieces = this.#edit(changes)
    return pieces === undefined ? this.#bytes.subarray(this.#start, this.#end) : Buffer.concat(pieces)
  }

  /** The same as text, which is made at once where members are only added. */
  textWith(changes: Changes): string {
    const keys = Object.keys(changes)
    if (this.#named(keys).size > 0) return this.bytesWith(changes).toString('utf8')
    const added = additions(keys, changes)
    if (added === '') return this.toString()
    const kept = this.#bytes.toString('utf8', this.#start, skipSpaceBack(this.#bytes, this.#end - 1))
    return `${kept}${this.#members.length > 0 ? ',' : ''}${added}}`
  }

  /** The same in pieces, which are not copied where they are as they came. */
  piecesWith(changes: Changes): readonly Buffer[] {
    return this.#edit(changes) ?? [this.#bytes.subarray(this.#start, this.#end)]
  }

  toString(): string {
    if (this.#hidden.size > 0) return this.bytes.toString('utf8')
    return this.#bytes.toString('utf8', this.#start, this.#end)
  }

  #find(key: string): Member | undefined {
    // The last of two members with one key wins, as in JSON.parse.
    for (let i = this.#members.length - 1; i >= 0; i--) {
      const member = this.#members[i] as Member
      if (isNamed(this.#bytes, member, key) && !this.#hidden.has(member)) return member
    }
    return undefined
  }

  /** The members of these names, and those that are hidden already. */
  #named(keys: readonly string[]): ReadonlySet<Member> {
    let named: Set<Member> | undefined
    const many = keys.length > FEW_NAMES ? new Set(keys) : undefined
    for (const member of this.#members) {
      const hit = many ? many.has(readName(this.#bytes, member)) : isAnyOf(this.#bytes, member, keys)
      if (!hit) continue
      named ??= new Set(this.#hidden)
      named.add(member)
    }
    return named ?? this.#hidden
  }

  /** `undefined` where nothing changes. */
  #edit(changes: Changes): Buffer[] | undefined {
    const keys = Object.keys(changes)
    const cut = this.#named(keys)
    const added = additions(keys, changes)
    if (cut.size === 0 && added === '') return undefined
    const comma = this.#members.length > cut.size && added !== '' ? ',' : ''
    const tail = Buffer.from(`${comma}${added}}`)
    if (cut.size > 0) return [...this.#pieces(cut), tail]
    return [this.#bytes.subarray(this.#start, skipSpaceBack(this.#bytes, this.#end - 1)), tail]
  }

  /** Everything before the closing brace except `cut`, without a dangling comma. */
  #pieces(cut: ReadonlySet<Member>): Buffer[] {
    const pieces = [this.#bytes.subarray(this.#start, this.#start + 1)]
    let from = this.#start + 1
    let kept = 0
    for (const member of this.#members) {
      if (!cut.has(member)) {
        kept++
        continue
      }
      pieces.push(this.#bytes.subarray(from, this.#keepUntil(member, kept)))
      from = kept > 0 ? member.end : this.#afterComma(member.end)
    }
    pieces.push(this.#bytes.subarray(from, skipSpaceBack(this.#bytes, this.#end - 1)))
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

function isAnyOf(bytes: Buffer, name: Name, keys: readonly string[]): boolean {
  for (const key of keys) if (isNamed(bytes, name, key)) return true
  return false
}

/** The text of the members to set, without a comma before or behind. */
function additions(keys: readonly string[], changes: Changes): string {
  let text = ''
  for (const key of keys) {
    const value = changes[key]
    if (value !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${value}`
  }
  return text
}

/** `depth` counts the levels that the object may have, its own included. */
function scanObject(bytes: Buffer, start: number, descend: readonly string[], depth: number): RawObject {
  if (bytes[start] !== OPEN_BRACE) throw malformed(`expected an object at offset ${start}`)
  const members: Member[] = []
  let at = skipSpace(bytes, start + 1)
  if (bytes[at] === CLOSE_BRACE) return RawObject.at(bytes, start, at + 1, members)
  for (;;) {
    const member = scanMember(bytes, at, descend, depth - 1)
    if (members.push(member) > MAX_MEMBERS) throw malformed(`more than ${MAX_MEMBERS} members in one object`)
    at = skipSpace(bytes, member.end)
    if (bytes[at] === CLOSE_BRACE) return RawObject.at(bytes, start, at + 1, members)
    if (bytes[at] !== COMMA) throw malformed(`expected "," or "}" at offset ${at}`)
    at = skipSpace(bytes, at + 1)
  }
}

function scanMember(bytes: Buffer, at: number, descend: readonly string[], below: number): Member {
  if (bytes[at] !== QUOTE) throw malformed(`expected a member name at offset ${at}`)
  const nameEnd = skipName(bytes, at)
  const start = skipColon(bytes, nameEnd)
  if (bytes[start] === OPEN_BRACE && descend.length > 0) {
    const name = { at, nameEnd }
    if (descend.some((key) => isNamed(bytes, name, key))) {
      const object = scanObject(bytes, start, [], below)
      return { at, nameEnd, start, end: object.end, object }
    }
  }
  return { at, nameEnd, start, end: skipValue(bytes, start, below), object: undefined }
}
