import { GatewayError } from '../../core/errors.ts'
import { readBody, unreadable } from '../http/body.ts'
import { identify } from '../http/identify.ts'
import { sendEmpty } from '../http/reply.ts'
import { type Arrival, visitOf } from './arrival.ts'
import { closeSession, postBatch, postInSession, streamSession } from './legacy/door.ts'
import {
  type Invalid,
  isBatch,
  MAX_MESSAGE,
  type Message,
  type RequestId,
  type RpcNotification,
  type RpcRequest,
  readMessage,
} from './message.ts'
import { isModern, readEnvelope } from './modern/decode.ts'
import { toWire } from './modern/errors.ts'
import { checkNotificationHeaders } from './modern/headers.ts'
import { serveModern } from './modern/serve.ts'
import { invalidRequest, OF_SENDERS, refuseArrival, refuseSender } from './refusal.ts'
import { checkScopes } from './scopes.ts'
import { MODERN_VERSION } from './versions.ts'
import { watchMessage, watchOther } from './watch.ts'

/** The MCP endpoint. Which era a request is of is decided here, once, and for this request alone. */
export function enter(arrival: Arrival): void | Promise<void> {
  switch (arrival.req.method) {
    case 'POST':
      return post(arrival)
    case 'GET':
      return stillKnown(arrival, (known) => (isPermitted(known) ? streamSession(known) : undefined))
    case 'DELETE':
      return stillKnown(arrival, (known) => (isPermitted(known) ? closeSession(known) : undefined))
    default:
      return refuseArrival(
        arrival,
        invalidRequest(405, 'the MCP endpoint takes POST, GET and DELETE', ['allow', 'POST, GET, DELETE']),
      )
  }
}

async function post(arrival: Arrival): Promise<void> {
  const body = await readBody(arrival.req)
  if (body === 'aborted') return watchOther(arrival)?.abandoned(hungUp())
  if (body === 'too_large') {
    const message = `the body is larger than the ${MAX_MESSAGE / 1024 / 1024} MB that a message may have`
    return refuseArrival(arrival, invalidRequest(413, message, ['connection', 'close']))
  }
  const unread = unreadable(arrival.req.headers)
  if (unread !== undefined) return refuseArrival(arrival, invalidRequest(415, unread))
  const room = arrival.service.options.room?.()
  if (room !== undefined) {
    await room
    if (arrival.res.destroyed) return watchOther(arrival)?.abandoned(hungUp())
  }
  // A body may take its time until others say who may come in.
  return stillKnown(arrival, (known) => read(known, body))
}

/** Goes on with the sender in the eyes of those who say who may come in now. */
function stillKnown(arrival: Arrival, go: (arrival: Arrival) => void | Promise<void>): void | Promise<void> {
  if (arrival.judge === arrival.service.options.authenticate) return go(arrival)
  return knownAnew(arrival).then((known) => known && stillKnown(known, go))
}

/** `undefined` once the request has been refused. */
async function knownAnew(arrival: Arrival): Promise<Arrival | undefined> {
  const { service, req, res } = arrival
  const judge = service.options.authenticate
  try {
    return { ...arrival, principal: await identify(service.options, req), judge }
  } catch (error) {
    const cause = GatewayError.from(error)
    if (!OF_SENDERS.includes(cause.code)) throw cause
    refuseSender({ service, req, res }, cause)
    return undefined
  }
}

function read(arrival: Arrival, body: Buffer): void | Promise<void> {
  if (isBatch(body)) return isPermitted(arrival) ? postBatch(arrival, body) : undefined
  const message = readMessage(body)
  arrival.sighting = watchMessage(arrival, message)
  return isPermitted(arrival, message) ? admit(arrival, message) : undefined
}

/** Whether the sender's token is enough; the request has been refused where it is not. */
function isPermitted(arrival: Arrival, message?: Message): boolean {
  try {
    checkScopes(arrival, message)
    return true
  } catch (cause) {
    refuseFor(GatewayError.from(cause), arrival, message?.kind === 'request' ? message.id : undefined)
    return false
  }
}

function hungUp(): GatewayError {
  return new GatewayError('cancelled', 'the client hung up before the whole of its request was here')
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
function acceptModern(arrival: Arrival, notification: RpcNotification): void {
  try {
    checkNotificationHeaders(arrival.req.headers, notification)
    sendEmpty(arrival.res, 202)
    arrival.sighting?.done(202)
  } catch (cause) {
    refuseFor(GatewayError.from(cause), arrival)
  }
}

/** The header says 2026-07-28, and the body lacks what that version requires. */
function refuseBare(arrival: Arrival, { id, params }: RpcRequest): void {
  try {
    readEnvelope(params)
  } catch (cause) {
    refuseFor(GatewayError.from(cause), arrival, id)
  }
}

function replyInvalid(arrival: Arrival, { id, error }: Invalid): void {
  refuseFor(error, arrival, id)
}

function refuseFor(cause: GatewayError, arrival: Arrival, id?: RequestId): void {
  refuseArrival(arrival, { ...toWire(cause), id, cause })
}
