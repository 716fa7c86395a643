import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { endless, Failure } from '../failure.ts'
import { EventStream } from '../http/event-stream.ts'
import { broken, unreachable } from '../http/failures.ts'

export interface SseStreamOptions {
  readonly url: URL
  readonly messageBytes: number
  /** Where to POST, as the server wrote it. */
  readonly endpoint: (address: string) => void
  readonly message: (bytes: Buffer) => void
  /** It is not let in. @returns what there is to say of that */
  readonly refused: (status: number, challenge: string | undefined) => Failure
  readonly tooLarge: () => void
  /** Once: it could not be opened, or is no more. */
  readonly ended: (failure: Failure) => void
}

/** The GET stream of the HTTP+SSE transport (MCP 2024-11-05, basic/transports). */
export class SseStream implements Dispatcher.DispatchHandler {
  readonly #options: SseStreamOptions
  readonly #events: EventStream
  #controller: Dispatcher.DispatchController | undefined
  #ended = false

  constructor(options: SseStreamOptions) {
    this.#options = options
    this.#events = new EventStream({
      limit: options.messageBytes,
      oversize: options.tooLarge,
      endless: () => this.#end(endless(2 * options.messageBytes)),
      event: ({ type, data }) => {
        if (type === 'endpoint') options.endpoint(data.toString('utf8').trim())
        else if (type === 'message' && data.length > 0) options.message(data)
      },
    })
  }

  close(): void {
    this.#ended = true
    this.#controller?.abort(new Error('closed'))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#ended) controller.abort(new Error('closed'))
  }

  onResponseStart(_: unknown, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    if (status !== 200) this.#end(this.#options.refused(status, headers['www-authenticate']))
    else if (!String(headers['content-type']).startsWith('text/event-stream'))
      this.#end(new Failure('malformed', 'answered the GET with something that is not an event stream'))
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    if (!this.#ended) this.#events.push(chunk)
  }

  onResponseEnd(): void {
    this.#end(broken(new Error('the event stream ended')))
  }

  onResponseError(_: unknown, error: Error): void {
    this.#end(this.#controller === undefined ? unreachable(this.#options.url, error) : broken(error))
  }

  #end(failure: Failure): void {
    if (this.#ended) return
    this.close()
    this.#options.ended(failure)
  }
}
