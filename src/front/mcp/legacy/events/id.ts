import { randomBytes } from 'node:crypto'

/** What a stream is for: the answer to one POST, or what belongs to no call. */
export type StreamKind = 'answer' | 'session'

/** An event of one stream by its place, from 1 on; 0 is before the first. */
export interface EventId {
  readonly kind: StreamKind
  /** Of the stream. */
  readonly name: string
  readonly place: number
}

const LETTERS: Readonly<Record<StreamKind, string>> = { answer: 'a', session: 's' }
const ID = /^([as][\w-]{12})\.(0|[1-9]\d{0,14})$/

/**
 * A name that no other stream has or had. What the stream is for can be told from it when the stream itself is
 * long forgotten.
 */
export function newName(kind: StreamKind): string {
  return LETTERS[kind] + randomBytes(9).toString('base64url')
}

export function writeEventId(name: string, place: number): string {
  return `${name}.${place}`
}

/** `undefined` for what is no id of ours. */
export function readEventId(text: string): EventId | undefined {
  const [, name, place] = ID.exec(text) ?? []
  if (name === undefined) return undefined
  return { kind: name.startsWith(LETTERS.answer) ? 'answer' : 'session', name, place: Number(place) }
}
