import type { Ask, Exchange, Notice, RequestRef } from '../../core/call.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import type { RawObject } from '../../core/raw.ts'
import type { Cancel } from './cancel.ts'
import { notificationFrame } from './frame.ts'
import { type LogLevel, passes } from './log-level.ts'
import { idKey, type RpcRequest } from './message.ts'
import type { Outlet } from './outlet.ts'

export interface Channel {
  readonly ref: RequestRef
  readonly outlet: Outlet
  readonly cancel: Cancel
  /** The least severe log message to relay; `undefined` relays none. */
  readonly floor: LogLevel | undefined
  /** Whether the reply may be a result of type `input_required`. */
  readonly takesInputRequired: boolean
  readonly ask: (request: Ask) => Promise<RawObject>
}

/**
 * The back-channel of a request: everything goes out on the request's own stream, in its own words. It is a
 * class because an object literal with a getter gets a hidden class of its own each time it is made.
 */
export class RequestExchange implements Exchange {
  readonly #channel: Channel
  readonly #token: string | undefined
  #over = false

  constructor(request: RpcRequest, channel: Channel) {
    this.#channel = channel
    this.#token = progressToken(request)
  }

  get signal(): AbortSignal {
    return this.#channel.cancel.signal
  }

  get ref(): RequestRef {
    return this.#channel.ref
  }

  get takesInputRequired(): boolean {
    return this.#channel.takesInputRequired
  }

  onAbort(listener: () => void): () => void {
    return this.#channel.cancel.onAbort(listener)
  }

  /** Others than these two belong to no call. */
  notify({ method, params }: Notice): void {
    if (method === 'notifications/progress') this.#progress(params)
    else if (method === 'notifications/message') this.#log(params)
  }

  #progress(params: RawObject): void {
    if (this.#token === undefined || this.#over) return
    const bytes = params.bytesWith({ progressToken: this.#token })
    this.#channel.outlet.send(notificationFrame('notifications/progress', bytes), true)
  }

  #log(params: RawObject): void {
    const { floor, outlet } = this.#channel
    if (floor === undefined || this.#over || !passes(params.value('level'), floor)) return
    outlet.send(notificationFrame('notifications/message', params.bytes), true)
  }

  async ask(request: Ask): Promise<RawObject> {
    if (this.#over) throw new GatewayError('cancelled', `${request.method} came after the end of the call`)
    return this.#channel.ask(request)
  }

  /** Nothing more is relayed: the reply comes next, and is the last. */
  close(): void {
    this.#over = true
  }
}

/** The client's progress token as the JSON text that it sent. */
function progressToken(request: RpcRequest): string | undefined {
  const meta = request.params['_meta'] as JsonObject | undefined
  if (idKey(meta?.['progressToken']) === undefined) return undefined
  return request.raw.object('_meta')?.text('progressToken')
}
