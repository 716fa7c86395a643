import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Frame } from '../mcp/frame.ts'
import type { Outlet } from '../mcp/outlet.ts'
import { EVENT_STREAM, EventReply, isOpen } from './event-reply.ts'
import type { Heartbeat } from './heartbeat.ts'
import { type Headers, sendEmpty, sendJson } from './reply.ts'

export function acceptsStream({ headers }: IncomingMessage): boolean {
  return headers.accept?.toLowerCase().includes(EVENT_STREAM) === true
}

/** The reply to one HTTP request: plain JSON, or an event stream from the first message before it on. */
export class HttpOutlet implements Outlet {
  readonly #res: ServerResponse
  readonly #heartbeat: Heartbeat
  readonly #accepts: boolean
  #stream: Outlet | undefined

  constructor(req: IncomingMessage, res: ServerResponse, heartbeat: Heartbeat) {
    this.#res = res
    this.#heartbeat = heartbeat
    this.#accepts = acceptsStream(req)
  }

  get streams(): boolean {
    return this.#stream === undefined ? this.#accepts && isOpen(this.#res) : this.#stream.streams
  }

  get resumable(): boolean {
    return false
  }

  get streamed(): boolean {
    return this.#stream !== undefined
  }

  begin(): void {
    if (this.#stream !== undefined || !this.streams) return
    this.#stream = this.streamOn(new EventReply(this.#res, this.#heartbeat))
  }

  send(frame: Frame, lossy: boolean): void {
    this.begin()
    this.#stream?.send(frame, lossy)
  }

  reply(frame: Frame, status: number, headers?: Headers): void {
    if (this.#stream !== undefined) this.#stream.reply(frame, status)
    else if (isOpen(this.#res)) sendJson(this.#res, status, frame, headers)
  }

  end(): void {
    if (this.#stream !== undefined) this.#stream.end()
    else if (isOpen(this.#res)) sendEmpty(this.#res, 202)
  }

  /** What the messages go through once the reply is a stream. */
  protected streamOn(reply: EventReply): Outlet {
    return reply
  }
}
