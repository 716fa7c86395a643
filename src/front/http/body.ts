import type { IncomingMessage } from 'node:http'
import { MAX_MESSAGE } from '../mcp/message.ts'

/** More than this is not even read to its end, which a polite refusal needs. */
const MAX_DRAIN = 4 * MAX_MESSAGE

export type Body = Buffer | 'too_large' | 'aborted'

/** Collects the body of a request. What is too large is read to its end and thrown away, within bounds. */
export function readBody(req: IncomingMessage): Promise<Body> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    let length = 0
    req.on('data', (piece: Buffer) => {
      length += piece.length
      if (length <= MAX_MESSAGE) pieces.push(piece)
      else pieces.length = 0
      if (length > MAX_DRAIN) resolve('too_large')
    })
    req.on('end', () => resolve(length > MAX_MESSAGE ? 'too_large' : joined(pieces)))
    req.on('close', () => resolve('aborted'))
  })
}

function joined(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
}
