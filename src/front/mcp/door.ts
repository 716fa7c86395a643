import { GatewayError } from '../../core/errors.ts'
import { readBody } from '../http/body.ts'
import { refuse, sendEmpty, sendJson } from '../http/reply.ts'
import { type Arrival, visitOf } from './arrival.ts'
import { errorFrame } from './frame.ts'
import { closeSession, postBatch, postInSession, streamSession } from './legacy/door.ts'
import {
  type Invalid,
  isBatch,
  MAX_MESSAGE,
  type Message,
  type RpcNotification,
  type RpcRequest,
  readMessage,
} from './message.ts'
import { isModern, readEnvelope } from './modern/decode.ts'
import { toWire } from './modern/errors.ts'
import { checkNotificationHeaders } from './modern/headers.ts'
import { serveModern } from './modern/serve.ts'
import { MODERN_VERSION } from './versions.ts'

/** The MCP endpoint. Which era a request is of is decided here, once, and for this request alone. */
export function enter(arrival: Arrival): void | Promise<void> {
  switch (arrival.req.method) {
    case 'POST':
      return post(arrival)
    case 'GET':
      return streamSession(arrival)
    case 'DELETE':
      return closeSession(arrival)
    default:
      return refuse(arrival.res, 405, 'the MCP endpoint takes POST, GET and DELETE', [
        'allow',
        'POST, GET, DELETE',
      ])
  }
}

async function post(arrival: Arrival): Promise<void> {
  const body = await readBody(arrival.req)
  if (body === 'aborted') return
  if (body === 'too_large') {
    const message = `the body is larger than the ${MAX_MESSAGE / 1024 / 1024} MB that a message may have`
    return refuse(arrival.res, 413, message, ['connection', 'close'])
  }
  if (isBatch(body)) return postBatch(arrival, body)
  return admit(arrival, readMessage(body))
}

function admit(arrival: Arrival, message: Message): void | Promise<void> {
  if (message.kind === 'invalid') return replyInvalid(arrival, message)
  if (message.kind === 'response') return postInSession(arrival, message)
  if (isModern(message.params)) {
    return message.kind === 'request' ? postModern(arrival, message) : acceptModern(arrival, message)
  }
  if (arrival.req.headers['mcp-protocol-version']?.toString().trim() !== MODERN_VERSION) {
    return postInSession(arrival, message)
  }
  return message.kind === 'request' ? refuseBare(arrival, message) : acceptModern(arrival, message)
}

/** The connection is the request: when the client hangs up, it is cancelled. */
function postModern(arrival: Arrival, request: RpcRequest): Promise<void> {
  const visit = visitOf(arrival)
  const { res } = arrival
  res.once('close', () => {
    if (!res.writableFinished) visit.cancel.abort()
  })
  return serveModern(arrival.service, request, visit)
}

/** Notifications of this era mean nothing to a server that keeps no state. */
function acceptModern({ req, res }: Arrival, notification: RpcNotification): void {
  try {
    checkNotificationHeaders(req.headers, notification)
    sendEmpty(res, 202)
  } catch (cause) {
    const { status, error } = toWire(GatewayError.from(cause))
    sendJson(res, status, errorFrame(undefined, error))
  }
}

/** The header says 2026-07-28, and the body lacks what that version requires. */
function refuseBare({ res }: Arrival, { id, params }: RpcRequest): void {
  try {
    readEnvelope(params)
  } catch (cause) {
    const { status, error } = toWire(GatewayError.from(cause))
    sendJson(res, status, errorFrame(id, error))
  }
}

function replyInvalid({ res }: Arrival, { id, error }: Invalid): void {
  const wire = toWire(error)
  sendJson(res, wire.status, errorFrame(id, wire.error))
}
