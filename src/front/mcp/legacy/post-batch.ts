import { GatewayError } from '../../../core/errors.ts'
import { refuse, sendEmpty, sendJson, sendRpcError } from '../../http/reply.ts'
import { type Arrival, visitOf } from '../arrival.ts'
import { errorFrame } from '../frame.ts'
import { type Message, readMessage } from '../message.ts'
import { isModern } from '../modern/decode.ts'
import { BATCH_VERSION } from '../versions.ts'
import { BatchOutlet, batchFrame, splitBatch } from './batch.ts'
import { sessionOf } from './door.ts'
import { toWire } from './errors.ts'
import { notifyLegacy, serveLegacy } from './serve.ts'
import type { Session } from './session.ts'

/** Batches exist in one version only; in every other a message is an object. */
export async function postBatch(arrival: Arrival, body: Buffer): Promise<void> {
  const { req, res } = arrival
  if (req.headers['mcp-session-id'] === undefined) return refuseBatch(arrival)
  const session = sessionOf(arrival)
  if (session === undefined) return
  if (session.caller.version !== BATCH_VERSION) return refuseBatch(arrival)
  try {
    const messages = splitBatch(body).map(readMessage)
    if (messages.some((message) => 'params' in message && isModern(message.params)))
      return refuseBatch(arrival)
    const outlets = await Promise.all(messages.map((message) => serveElement(arrival, session, message)))
    const frames = outlets.flatMap(({ frame }) => (frame === undefined ? [] : [frame]))
    if (frames.length === 0) sendEmpty(res, 202)
    else sendJson(res, 200, batchFrame(frames))
  } catch (cause) {
    const { status, error } = toWire(GatewayError.from(cause))
    sendRpcError(res, status, error)
  }
}

async function serveElement(arrival: Arrival, session: Session, message: Message): Promise<BatchOutlet> {
  const outlet = new BatchOutlet()
  if (message.kind === 'invalid') outlet.reply(errorFrame(message.id, toWire(message.error).error))
  else if (message.kind === 'notification') notifyLegacy(session, message)
  else if (message.kind === 'response') session.asks.answer(message)
  else {
    const visit = { ...visitOf(arrival), outlet }
    await serveLegacy({ service: arrival.service, session, request: message, visit })
  }
  return outlet
}

function refuseBatch({ res }: Arrival): void {
  refuse(res, 400, `batches exist in protocol version ${BATCH_VERSION} only: send one message per request`)
}
