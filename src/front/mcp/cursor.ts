import type { ListKind } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'

/** A place in a list: behind `last`, which was the entry before offset `n` when the cursor was made. */
export interface Position {
  readonly n: number
  /** Absent where the key is too long for a cursor; then the offset alone counts. */
  readonly last: string | undefined
}

const MAX_CURSOR = 512

/** Opaque to clients: base64url of the list's kind, an offset and the last key. At most 512 characters. */
export function encodeCursor(kind: ListKind, position: Position): string {
  const cursor = toText({ kind, n: position.n, lastKey: position.last })
  return cursor.length <= MAX_CURSOR ? cursor : toText({ kind, n: position.n })
}

/** @throws GatewayError `invalid_params` for what is no cursor of ours, or one of another list */
export function decodeCursor(kind: ListKind, cursor: unknown): Position {
  const value = typeof cursor === 'string' && cursor.length <= MAX_CURSOR ? fromText(cursor) : undefined
  if (value === undefined || value['kind'] !== kind) throw invalid()
  const { n, lastKey } = value
  if (!Number.isSafeInteger(n) || (n as number) <= 0) throw invalid()
  if (lastKey !== undefined && typeof lastKey !== 'string') throw invalid()
  return { n: n as number, last: lastKey }
}

function toText(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function fromText(cursor: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function invalid(): GatewayError {
  return new GatewayError(
    'invalid_params',
    'invalid cursor: send the nextCursor of the page before, unchanged',
  )
}
