import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
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

const JSON_TYPE = 'application/json'

/** Why a body with these headers is not read as JSON, if it is not: a web page can send text without asking first. */
export function unreadable({
  'content-type': type = '',
  'content-encoding': encoding = 'identity',
}: IncomingHttpHeaders): string | undefined {
  if (encoding !== 'identity')
    return `Content-Encoding ${JSON.stringify(encoding)} is not read here; send the body as it is`
  if (type === JSON_TYPE || type.split(';')[0]?.trim().toLowerCase() === JSON_TYPE) return undefined
  return `Content-Type ${JSON.stringify(type)} is not read here; send ${JSON_TYPE}`
}
