import type { RpcError } from '../../core/errors.ts'
import { oneLine } from '../../core/one-line.ts'
import type { RequestId } from './message.ts'

/** The bytes of one JSON-RPC message, in pieces so that large results need not be copied. */
export type Frame = readonly Buffer[]

/** A result as JSON, in one piece, in several, or made ready for a frame. */
export type ResultBytes = Buffer | readonly Buffer[] | FramedResult

/** A large result that many are sent: each piece that is written costs, so that it comes in as few as can be. */
export interface FramedResult {
  /** The small beginning, which may differ from one answer to the next. */
  readonly lead: string
  /** The rest, and the brace that closes the frame around the result. */
  readonly rest: Buffer
}

const CLOSE = Buffer.from('}')
/** Below this, one piece is cheaper than several. */
const SMALL = 16_384

export function resultFrame(id: RequestId, result: ResultBytes): Frame {
  const open = `{"jsonrpc":"2.0","id":${id.text},"result":`
  if ('lead' in result) return [Buffer.from(open + result.lead), result.rest]
  const head = Buffer.from(open)
  const frame = Buffer.isBuffer(result) ? [head, result, CLOSE] : [head, ...result, CLOSE]
  return frameLength(frame) < SMALL ? [Buffer.concat(frame)] : frame
}

/** The JSON of a result, without what closes a frame. */
export function resultPieces(result: ResultBytes): readonly Buffer[] {
  if ('lead' in result) return [Buffer.from(result.lead), result.rest.subarray(0, -CLOSE.length)]
  return Buffer.isBuffer(result) ? [result] : result
}

export function errorFrame(id: RequestId | undefined, error: RpcError): Frame {
  return [Buffer.from(`{"jsonrpc":"2.0","id":${id?.text ?? 'null'},"error":${JSON.stringify(error)}}`)]
}

export function notificationFrame(method: string, params?: Buffer | string): Frame {
  const tail = params === undefined ? '}' : `,"params":${params}}`
  return [Buffer.from(`{"jsonrpc":"2.0","method":"${method}"${tail}`)]
}

/** `id` is one of ours and needs no escaping. */
export function requestFrame(id: string, method: string, params: Buffer): Frame {
  return [Buffer.from(`{"jsonrpc":"2.0","id":"${id}","method":"${method}","params":${params}}`)]
}

/** The frame without line breaks, for transports that end messages with them. */
export function onOneLine(frame: Frame): Frame {
  return frame.map(oneLine)
}

export function frameLength(frame: Frame): number {
  let length = 0
  for (const piece of frame) length += piece.length
  return length
}
