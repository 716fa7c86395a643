import { GatewayError } from '../../../core/errors.ts'
import { acceptsStream } from '../../http/outlet.ts'
import { INVALID_REQUEST, refuse, sendEmpty, sendJson, sendObject, sendRpcError } from '../../http/reply.ts'
import { type Arrival, visitOf } from '../arrival.ts'
import { errorFrame, resultFrame } from '../frame.ts'
import type { Message, RpcNotification, RpcRequest, RpcResponse } from '../message.ts'
import { LEGACY_VERSIONS } from '../versions.ts'
import type { WireError } from '../visit.ts'
import { noBatches, serveBatch } from './batch.ts'
import { toWire } from './errors.ts'
import { SessionOutlet } from './events/outlet.ts'
import { initialize } from './initialize.ts'
import { streamEvents } from './resume.ts'
import { notifyLegacy, serveLegacy } from './serve.ts'
import type { Session } from './session.ts'

/** What clients know as "session not found"; they open a new one then. */
const SESSION_NOT_FOUND = -32001
const NEEDS_SESSION =
  'missing header Mcp-Session-Id: send initialize first, then the id that its reply carries'

/** A message that is not of 2026-07-28: it opens a session or belongs to one. */
export function postInSession(
  arrival: Arrival,
  message: RpcRequest | RpcNotification | RpcResponse,
): void | Promise<void> {
  if (message.kind === 'request' && message.method === 'initialize') return introduce(arrival, message)
  const session = sessionOf(arrival, message)
  if (session === undefined) return
  const { service } = arrival
  if (message.kind === 'request') {
    return serveLegacy({
      service,
      session,
      request: message,
      visit: visitOf(arrival, new SessionOutlet(arrival, session)),
    })
  }
  if (message.kind === 'notification') notifyLegacy(service, session, message)
  else session.asks.answer(message)
  sendEmpty(arrival.res, 202)
}

function introduce(arrival: Arrival, request: RpcRequest): void {
  try {
    const { session, result } = initialize(arrival.service, request, visitOf(arrival))
    sendJson(arrival.res, 200, resultFrame(request.id, result), ['mcp-session-id', session.id])
  } catch (cause) {
    const { status, error } = toWire(GatewayError.from(cause))
    sendJson(arrival.res, status, errorFrame(request.id, error))
  }
}

/** The session that the headers name, or `undefined` once the request has been refused. */
function sessionOf({ service, req, res, principal }: Arrival, message?: Message): Session | undefined {
  const id = req.headers['mcp-session-id']
  const version = req.headers['mcp-protocol-version']?.toString().trim()
  const reply = ({ status, error }: WireError) =>
    message?.kind === 'request'
      ? sendJson(res, status, errorFrame(message.id, error))
      : sendRpcError(res, status, error)
  if (typeof id !== 'string') {
    reply({ status: 400, error: { code: INVALID_REQUEST, message: NEEDS_SESSION } })
    return undefined
  }
  if (version !== undefined && !LEGACY_VERSIONS.includes(version)) {
    const text = `MCP-Protocol-Version ${version} is not served in sessions; ${LEGACY_VERSIONS.join(', ')} are`
    reply({ status: 400, error: { code: INVALID_REQUEST, message: text } })
    return undefined
  }
  const session = service.sessions.find(id, principal)
  if (session === undefined) {
    const text = 'session not found: it ended or never was; send initialize for a new one'
    reply({ status: 404, error: { code: SESSION_NOT_FOUND, message: text } })
  }
  return session
}

/** GET: the stream of a session, or the rest of one that broke. */
export function streamSession(arrival: Arrival): void {
  if (!acceptsStream(arrival.req)) notAcceptable(arrival)
  else withSession(arrival, (session) => streamEvents(arrival, session))
}

/** DELETE: the client is done with its session. */
export function closeSession(arrival: Arrival): void {
  withSession(arrival, (session) => {
    arrival.service.sessions.close(session)
    sendEmpty(arrival.res, 200)
  })
}

function withSession(arrival: Arrival, use: (session: Session) => void): void {
  const named = arrival.req.headers['mcp-session-id'] !== undefined
  const session = named ? sessionOf(arrival) : sessionRequired(arrival)
  if (session !== undefined) use(session)
}

function sessionRequired({ res }: Arrival): undefined {
  refuse(res, 405, 'without a session (header Mcp-Session-Id) the MCP endpoint takes POST only', [
    'allow',
    'POST',
  ])
}

function notAcceptable({ res }: Arrival): void {
  const error = { code: INVALID_REQUEST, message: 'Not Acceptable: Client must accept text/event-stream' }
  sendObject(res, 406, { jsonrpc: '2.0', id: 'server-error', error })
}

/** POST of a JSON array. */
export async function postBatch(arrival: Arrival, body: Buffer): Promise<void> {
  const { service, req, res } = arrival
  try {
    if (req.headers['mcp-session-id'] === undefined) throw noBatches()
    const session = sessionOf(arrival)
    if (session === undefined) return
    const frame = await serveBatch({ service, session, visit: () => visitOf(arrival) }, body)
    if (frame === undefined) sendEmpty(res, 202)
    else sendJson(res, 200, frame)
  } catch (cause) {
    const { status, error } = toWire(GatewayError.from(cause))
    sendRpcError(res, status, error)
  }
}
