import { ANONYMOUS } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import { NO_PASSTHROUGH } from '../mcp/arrival.ts'
import { Cancel } from '../mcp/cancel.ts'
import { errorFrame, resultFrame } from '../mcp/frame.ts'
import { InFlight } from '../mcp/in-flight.ts'
import { noBatches, serveBatch } from '../mcp/legacy/batch.ts'
import { toWire } from '../mcp/legacy/errors.ts'
import { initialize } from '../mcp/legacy/initialize.ts'
import { notifyLegacy, serveLegacy } from '../mcp/legacy/serve.ts'
import type { Session } from '../mcp/legacy/session.ts'
import { openStream } from '../mcp/legacy/stream.ts'
import {
  idKey,
  isBatch,
  type RequestId,
  type RpcNotification,
  type RpcRequest,
  readMessage,
} from '../mcp/message.ts'
import { isModern } from '../mcp/modern/decode.ts'
import { serveModern } from '../mcp/modern/serve.ts'
import type { StandingOutlet } from '../mcp/outlet.ts'
import type { Service } from '../mcp/service.ts'
import type { Visit } from '../mcp/visit.ts'

/** The messages of one stdio connection, of either era; there is at most one legacy session. */
export class Connection {
  readonly #service: Service
  readonly #outlet: StandingOutlet
  readonly #modern = new InFlight()
  #session: Session | undefined

  constructor(service: Service, outlet: StandingOutlet) {
    this.#service = service
    this.#outlet = outlet
  }

  async receive(line: Buffer): Promise<void> {
    if (isBatch(line)) return this.#batch(line)
    const message = readMessage(line)
    switch (message.kind) {
      case 'invalid':
        return this.refuse(message.error, message.id)
      case 'notification':
        return this.#notified(message)
      case 'response':
        this.#session?.asks.answer(message)
        return
      case 'request':
        return isModern(message.params) ? this.#serveModern(message) : this.#serveLegacy(message)
    }
  }

  refuse(error: GatewayError, id?: RequestId): void {
    this.#outlet.reply(errorFrame(id, toWire(error).error), 200)
  }

  async #serveModern(request: RpcRequest): Promise<void> {
    const visit = this.#visit()
    try {
      this.#modern.begin(request.id, visit.cancel)
    } catch (cause) {
      return this.refuse(GatewayError.from(cause), request.id)
    }
    await serveModern(this.#service, request, visit)
    this.#modern.finish(request.id, visit.cancel)
  }

  async #serveLegacy(request: RpcRequest): Promise<void> {
    const session = this.#session
    if (request.method === 'initialize') return this.#initialize(request)
    if (session !== undefined) {
      return serveLegacy({ service: this.#service, session, request, visit: this.#visit() })
    }
    if (request.method === 'ping') this.#outlet.reply(resultFrame(request.id, Buffer.from('{}')), 200)
    else this.refuse(new GatewayError('invalid_request', 'send initialize first'), request.id)
  }

  #initialize(request: RpcRequest): void {
    try {
      if (this.#session !== undefined) throw new GatewayError('invalid_request', 'already initialized')
      const { session, result } = initialize(this.#service, request, this.#visit())
      this.#session = session
      this.#outlet.reply(resultFrame(request.id, result), 200)
      openStream(this.#service, session, this.#outlet)
    } catch (cause) {
      this.refuse(GatewayError.from(cause), request.id)
    }
  }

  #notified(notification: RpcNotification): void {
    if (this.#session !== undefined) notifyLegacy(this.#service, this.#session, notification)
    const key = idKey(notification.params['requestId'])
    if (notification.method === 'notifications/cancelled' && key !== undefined) this.#modern.cancel(key)
  }

  async #batch(line: Buffer): Promise<void> {
    try {
      const session = this.#session
      if (session === undefined) throw noBatches()
      const frame = await serveBatch({ service: this.#service, session, visit: () => this.#visit() }, line)
      if (frame !== undefined) this.#outlet.reply(frame, 200)
    } catch (cause) {
      this.refuse(GatewayError.from(cause))
    }
  }

  #visit(): Visit {
    return {
      principal: ANONYMOUS,
      passthrough: NO_PASSTHROUGH,
      headers: undefined,
      outlet: this.#outlet,
      cancel: new Cancel(),
    }
  }
}
