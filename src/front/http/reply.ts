import type { ServerResponse } from 'node:http'
import { type Frame, frameLength } from '../mcp/frame.ts'

/** Header names and values in turn, as `writeHead` takes them. */
export type Headers = readonly string[]

export const NO_HEADERS: Headers = []

/** A beginning that is shorter goes out as text, byte by byte, which Node.js joins with the headers. */
const SHORT = 4096

/** Sends one JSON body. */
export function sendJson(res: ServerResponse, status: number, frame: Frame, headers = NO_HEADERS): void {
  const length = String(frameLength(frame))
  res.writeHead(status, ['content-type', 'application/json', 'content-length', length, ...headers])
  const last = frame.length - 1
  if (last > 0) res.cork()
  for (const [at, piece] of frame.entries()) {
    const data = at === 0 && piece.length < SHORT ? piece.toString('latin1') : piece
    if (at === last) res.end(data, 'latin1')
    else res.write(data, 'latin1')
  }
}

export function sendObject(res: ServerResponse, status: number, body: object, headers = NO_HEADERS): void {
  sendJson(res, status, [Buffer.from(JSON.stringify(body))], headers)
}

export function sendEmpty(res: ServerResponse, status: number, headers = NO_HEADERS): void {
  res.writeHead(status, ['content-length', '0', ...headers])
  res.end()
}

export const INVALID_REQUEST = -32600
