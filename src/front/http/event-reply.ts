import type { ServerResponse } from 'node:http'
import { type Frame, onOneLine } from '../mcp/frame.ts'
import { MAX_BACKLOG, type Outlet } from '../mcp/outlet.ts'
import type { Heartbeat } from './heartbeat.ts'

export const EVENT_STREAM = 'text/event-stream'
const STREAM_HEADERS = ['content-type', EVENT_STREAM, 'cache-control', 'no-cache', 'x-accel-buffering', 'no']

/** An HTTP reply that is an event stream. It begins at once. */
export class EventReply implements Outlet {
  readonly resumable = false
  readonly streamed = true
  readonly #res: ServerResponse

  constructor(res: ServerResponse, heartbeat: Heartbeat) {
    this.#res = res
    res.writeHead(200, STREAM_HEADERS)
    res.flushHeaders()
    heartbeat.add(res)
  }

  get streams(): boolean {
    return isOpen(this.#res)
  }

  begin(): void {}

  send(frame: Frame, lossy: boolean): void {
    if (!(lossy && this.slow)) this.write(frame)
  }

  reply(frame: Frame): void {
    this.write(frame)
    this.end()
  }

  end(): void {
    if (this.streams) this.#res.end()
  }

  /** Whether the client reads too slowly for what may be lost. */
  get slow(): boolean {
    return this.#res.writableLength > MAX_BACKLOG
  }

  /** Sends one event, with an id where it has one. */
  write(frame: Frame, id?: string): void {
    if (!this.streams) return
    this.#res.cork()
    this.#res.write(id === undefined ? 'event: message\ndata: ' : `id: ${id}\nevent: message\ndata: `)
    for (const piece of onOneLine(frame)) this.#res.write(piece)
    this.#res.write('\n\n')
    this.#res.uncork()
  }

  /** Gives the client an id to come back with, and the time to wait before it does (SEP-1699). */
  prime(id: string, retryMs: number): void {
    if (this.streams) this.#res.write(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`)
  }

  /** Lets go of a connection that its client has given up. */
  drop(): void {
    this.#res.destroy()
  }
}

export function isOpen(res: ServerResponse): boolean {
  return !res.destroyed && !res.writableEnded
}
