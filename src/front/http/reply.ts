import type { ServerResponse } from 'node:http'
import { type Frame, frameLength } from '../mcp/frame.ts'

/** Header names and values in turn, as `writeHead` takes them. */
export type Headers = readonly string[]

export const NO_HEADERS: Headers = []

/** Sends one JSON body. */
export function sendJson(res: ServerResponse, status: number, frame: Frame, headers = NO_HEADERS): void {
  const length = String(frameLength(frame))
  res.writeHead(status, ['content-type', 'application/json', 'content-length', length, ...headers])
  if (frame.length === 1) {
    res.end(frame[0])
    return
  }
  res.cork()
  for (const piece of frame) res.write(piece)
  res.end()
}

export function sendObject(res: ServerResponse, status: number, body: object, headers = NO_HEADERS): void {
  sendJson(res, status, [Buffer.from(JSON.stringify(body))], headers)
}

export function sendEmpty(res: ServerResponse, status: number, headers = NO_HEADERS): void {
  res.writeHead(status, ['content-length', '0', ...headers])
  res.end()
}

export const INVALID_REQUEST = -32600
