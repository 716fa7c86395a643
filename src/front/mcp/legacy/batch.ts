import { GatewayError } from '../../../core/errors.ts'
import { errorFrame, type Frame, frameLength } from '../frame.ts'
import { type Invalid, type Message, readMessage } from '../message.ts'
import { isModern } from '../modern/decode.ts'
import type { Outlet } from '../outlet.ts'
import type { Service } from '../service.ts'
import { BATCH_VERSION } from '../versions.ts'
import type { Visit } from '../visit.ts'
import { toWire } from './errors.ts'
import { notifyLegacy, serveLegacy } from './serve.ts'
import type { Session } from './session.ts'
import { splitBatch } from './split.ts'

export interface Batch {
  readonly service: Service
  readonly session: Session
  /** A visit of its own for every message. */
  readonly visit: (message: Message, outlet: Outlet) => Visit
  /** @throws GatewayError where the sender may not send this one */
  readonly check?: (message: Message) => void
}

/**
 * Serves a JSON-RPC batch, which only one version has (MCP 2025-03-26, basic). Returns the replies as one
 * message, or `undefined` when there is nothing to reply to.
 * @throws GatewayError `parse`, `invalid_request`
 */
export async function serveBatch(batch: Batch, body: Buffer): Promise<Frame | undefined> {
  if (batch.session.caller.version !== BATCH_VERSION) throw noBatches()
  const messages = splitBatch(body).map(readMessage)
  if (messages.some((message) => 'params' in message && isModern(message.params))) throw noBatches()
  const outlets = await Promise.all(messages.map((message) => serveElement(batch, message)))
  const frames = outlets.flatMap(({ frame }) => (frame === undefined ? [] : [frame]))
  return frames.length === 0 ? undefined : joined(frames)
}

async function serveElement(batch: Batch, message: Message): Promise<BatchOutlet> {
  const { service, session } = batch
  const outlet = new BatchOutlet()
  const own = batch.visit(message, outlet)
  const refused = refusalOf(batch, message)
  if (refused !== undefined) replyInvalid(refused, own)
  else if (message.kind === 'request') await serveLegacy({ service, session, request: message, visit: own })
  else if (message.kind === 'invalid') replyInvalid(message, own)
  else {
    if (message.kind === 'notification') notifyLegacy(service, session, message)
    else session.asks.answer(message)
    own.sighting?.known(session.caller)
    own.sighting?.done()
  }
  return outlet
}

function refusalOf({ check }: Batch, message: Message): Pick<Invalid, 'id' | 'error'> | undefined {
  try {
    check?.(message)
    return undefined
  } catch (error) {
    return { id: message.kind === 'request' ? message.id : undefined, error: GatewayError.from(error) }
  }
}

function replyInvalid(
  { id, error: cause }: Pick<Invalid, 'id' | 'error'>,
  { outlet, sighting }: Visit,
): void {
  const { status, error } = toWire(cause)
  const frame = errorFrame(id, error)
  outlet.reply(frame, status)
  sighting?.failed(error, { status, bytes: frameLength(frame), streamed: false }, cause)
}

/** Takes the reply to one message of a batch. There is no stream: notifications on the way are dropped. */
class BatchOutlet implements Outlet {
  readonly streams = false
  readonly resumable = false
  readonly streamed = false
  frame: Frame | undefined

  begin(): void {}

  send(): void {}

  reply(frame: Frame): void {
    this.frame = frame
  }

  end(): void {}
}

function joined(frames: readonly Frame[]): Frame {
  const pieces = frames.flatMap((frame, at) => (at === 0 ? frame : [Buffer.from(','), ...frame]))
  return [Buffer.from('['), ...pieces, Buffer.from(']')]
}

export function noBatches(): GatewayError {
  const message = `batches exist in sessions of protocol version ${BATCH_VERSION} only: send one message at a time`
  return new GatewayError('invalid_request', message)
}
