import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Frame, onOneLine } from '../mcp/frame.ts'
import { MAX_BACKLOG, type Outlet } from '../mcp/outlet.ts'
import type { Heartbeat } from './heartbeat.ts'
import { sendEmpty, sendJson } from './reply.ts'

const EVENT_STREAM = 'text/event-stream'
const STREAM_HEADERS = ['content-type', EVENT_STREAM, 'cache-control', 'no-cache', 'x-accel-buffering', 'no']

export function acceptsStream({ headers }: IncomingMessage): boolean {
  return headers.accept?.toLowerCase().includes(EVENT_STREAM) === true
}

/** The reply to one HTTP request: plain JSON, or an event stream from the first message before it on. */
export class HttpOutlet implements Outlet {
  readonly #res: ServerResponse
  readonly #heartbeat: Heartbeat
  readonly #accepts: boolean
  #streaming = false

  constructor(req: IncomingMessage, res: ServerResponse, heartbeat: Heartbeat) {
    this.#res = res
    this.#heartbeat = heartbeat
    this.#accepts = acceptsStream(req)
  }

  get streams(): boolean {
    return this.#accepts && this.#open
  }

  get #open(): boolean {
    return !this.#res.destroyed && !this.#res.writableEnded
  }

  /** Begins the stream without a message. */
  begin(): void {
    if (this.#streaming || !this.#open) return
    this.#streaming = true
    this.#res.writeHead(200, STREAM_HEADERS)
    this.#res.flushHeaders()
    this.#heartbeat.add(this.#res)
  }

  send(frame: Frame, lossy: boolean): void {
    if (!this.streams || (lossy && this.#res.writableLength > MAX_BACKLOG)) return
    this.begin()
    this.#write(frame)
  }

  reply(frame: Frame, status: number): void {
    if (!this.#open) return
    if (this.#streaming) {
      this.#write(frame)
      this.#res.end()
    } else sendJson(this.#res, status, frame)
  }

  end(): void {
    if (!this.#open) return
    if (this.#streaming) this.#res.end()
    else sendEmpty(this.#res, 202)
  }

  #write(frame: Frame): void {
    this.#res.cork()
    this.#res.write('event: message\ndata: ')
    for (const piece of onOneLine(frame)) this.#res.write(piece)
    this.#res.write('\n\n')
    this.#res.uncork()
  }
}
