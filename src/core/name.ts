import { BACKSLASH, parseJson, QUOTE, skipString } from './scan.ts'

/** The name of a member where it stands. */
export interface Name {
  /** Offsets of the opening quote, and one past the closing one. */
  readonly at: number
  readonly nameEnd: number
}

export function readName(bytes: Buffer, { at, nameEnd }: Name): string {
  const inner = bytes.toString('utf8', at + 1, nameEnd - 1)
  return inner.includes('\\') ? (parseJson(`"${inner}"`) as string) : inner
}

/** As `skipString`; whether an escaped name is well-formed is found out now, not when somebody looks it up. */
export function skipName(bytes: Buffer, start: number): number {
  let at = start + 1
  for (; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) return at + 1
    if (byte === BACKSLASH) break
  }
  const nameEnd = skipString(bytes, start)
  readName(bytes, { at: start, nameEnd })
  return nameEnd
}

/** Compares in place what is plain ASCII, which is nearly every name there is. */
export function isNamed(bytes: Buffer, member: Name, key: string): boolean {
  const from = member.at + 1
  const length = member.nameEnd - 1 - from
  // UTF-8 and escapes need at least one byte for each unit of UTF-16.
  if (length < key.length) return false
  for (let i = 0; i < key.length; i++) {
    const byte = bytes[from + i] as number
    if (byte >= 0x80 || byte === BACKSLASH) return readName(bytes, member) === key
    if (byte !== key.charCodeAt(i)) return false
  }
  return length === key.length
}
