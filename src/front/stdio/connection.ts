import { ANONYMOUS, type Principal } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Source } from '../../core/witness.ts'
import { NO_PASSTHROUGH } from '../mcp/arrival.ts'
import { Cancel } from '../mcp/cancel.ts'
import { errorFrame, frameLength, resultFrame } from '../mcp/frame.ts'
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
  type Message,
  type RpcNotification,
  type RpcRequest,
  readMessage,
} from '../mcp/message.ts'
import { isModern } from '../mcp/modern/decode.ts'
import { serveModern } from '../mcp/modern/serve.ts'
import type { Outlet, StandingOutlet } from '../mcp/outlet.ts'
import { LazyRef } from '../mcp/ref.ts'
import type { Service } from '../mcp/service.ts'
import type { Sighting } from '../mcp/sighting.ts'
import type { Visit } from '../mcp/visit.ts'
import { watch, whatOf } from '../mcp/watch.ts'

const STDIO: Source = {
  transport: 'stdio',
  endpoint: 'stdio',
  httpMethod: undefined,
  address: undefined,
  headers: {},
}

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
    const room = this.#service.options.room?.()
    if (room !== undefined) await room
    if (isBatch(line)) return this.#batch(line)
    const message = readMessage(line)
    switch (message.kind) {
      case 'invalid':
        return this.refuse(message.error, message)
      case 'notification':
        return this.#notified(message)
      case 'response':
        this.#session?.asks.answer(message)
        this.#watch(message)?.done()
        return
      case 'request':
        return isModern(message.params) ? this.#serveModern(message) : this.#serveLegacy(message)
    }
  }

  refuse(cause: GatewayError, message?: Message, sighting = this.#watch(message)): void {
    const { error } = toWire(cause)
    const frame = errorFrame(message !== undefined && 'id' in message ? message.id : undefined, error)
    this.#outlet.reply(frame, 200)
    sighting?.failed(error, { status: 200, bytes: frameLength(frame), streamed: false }, cause)
  }

  async #serveModern(request: RpcRequest): Promise<void> {
    const visit = this.#visit(request)
    try {
      this.#modern.begin(request.id, visit.cancel)
    } catch (cause) {
      return this.refuse(GatewayError.from(cause), request, visit.sighting)
    }
    await serveModern(this.#service, request, visit)
    this.#modern.finish(request.id, visit.cancel)
  }

  async #serveLegacy(request: RpcRequest): Promise<void> {
    const session = this.#session
    if (request.method === 'initialize') return this.#initialize(request)
    if (session !== undefined) {
      return serveLegacy({ service: this.#service, session, request, visit: this.#visit(request) })
    }
    if (request.method === 'ping') this.#answer(request, Buffer.from('{}'), this.#watch(request))
    else this.refuse(new GatewayError('invalid_request', 'send initialize first'), request)
  }

  #answer({ id }: RpcRequest, result: Buffer, sighting: Sighting | undefined): void {
    const frame = resultFrame(id, result)
    this.#outlet.reply(frame, 200)
    sighting?.answered(result, { status: 200, bytes: frameLength(frame), streamed: false })
  }

  #initialize(request: RpcRequest): void {
    const visit = this.#visit(request)
    try {
      if (this.#session !== undefined) throw new GatewayError('invalid_request', 'already initialized')
      const { session, result } = initialize(this.#service, request, visit)
      this.#session = session
      visit.sighting?.known(session.caller)
      this.#answer(request, result, visit.sighting)
      openStream(this.#service, session, this.#outlet)
    } catch (cause) {
      this.refuse(GatewayError.from(cause), request, visit.sighting)
    }
  }

  #notified(notification: RpcNotification): void {
    if (this.#session !== undefined) notifyLegacy(this.#service, this.#session, notification)
    const key = idKey(notification.params['requestId'])
    if (notification.method === 'notifications/cancelled' && key !== undefined) this.#modern.cancel(key)
    this.#watch(notification)?.done()
  }

  async #batch(line: Buffer): Promise<void> {
    try {
      const session = this.#session
      if (session === undefined) throw noBatches()
      const visit = (message: Message, outlet: Outlet) => this.#visit(message, outlet)
      const frame = await serveBatch({ service: this.#service, session, visit }, line)
      if (frame !== undefined) this.#outlet.reply(frame, 200)
    } catch (cause) {
      this.refuse(GatewayError.from(cause))
    }
  }

  get #principal(): Principal {
    return this.#service.options.principal ?? ANONYMOUS
  }

  #visit(message: Message, outlet: Outlet = this.#outlet): Visit {
    const sighting = this.#watch(message)
    return {
      principal: this.#principal,
      passthrough: NO_PASSTHROUGH,
      headers: undefined,
      outlet,
      cancel: new Cancel(),
      ref: sighting?.ref ?? new LazyRef(),
      sighting,
    }
  }

  /** `undefined` where nobody looks. */
  #watch(message: Message | undefined): Sighting | undefined {
    const { witness } = this.#service
    if (witness === undefined) return undefined
    const caller = this.#session?.caller
    const base = { ref: new LazyRef(), principal: this.#principal, caller, source: STDIO }
    return watch(witness, { ...base, ...whatOf(message, undefined) })
  }
}
