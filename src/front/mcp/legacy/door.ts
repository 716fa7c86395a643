import { GatewayError } from '../../../core/errors.ts'
import { acceptsStream } from '../../http/outlet.ts'
import { INVALID_REQUEST, sendEmpty, sendJson } from '../../http/reply.ts'
import { type Arrival, visitOf } from '../arrival.ts'
import { frameLength, resultFrame } from '../frame.ts'
import type { Message, RequestId, RpcNotification, RpcRequest, RpcResponse } from '../message.ts'
import type { Outlet } from '../outlet.ts'
import { invalidRequest, refuseArrival } from '../refusal.ts'
import { checkScopes } from '../scopes.ts'
import { LEGACY_VERSIONS } from '../versions.ts'
import { watchMessage, watchOther } from '../watch.ts'
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
  arrival.sighting?.known(session.caller)
  arrival.sighting?.done(202)
}

function introduce(arrival: Arrival, request: RpcRequest): void {
  try {
    const { session, result } = initialize(arrival.service, request, visitOf(arrival))
    const frame = resultFrame(request.id, result)
    sendJson(arrival.res, 200, frame, ['mcp-session-id', session.id])
    arrival.sighting?.known(session.caller)
    arrival.sighting?.answered(result, { status: 200, bytes: frameLength(frame), streamed: false })
  } catch (error) {
    refuseFor(GatewayError.from(error), arrival, request.id)
  }
}

function refuseFor(cause: GatewayError, arrival: Arrival, id?: RequestId): void {
  refuseArrival(arrival, { ...toWire(cause), id, cause })
}

/** The session that the headers name, or `undefined` once the request has been refused. */
function sessionOf(arrival: Arrival, message?: Message): Session | undefined {
  const { service, req, principal } = arrival
  const name = req.headers['mcp-session-id']
  const version = req.headers['mcp-protocol-version']?.toString().trim()
  const id = message?.kind === 'request' ? message.id : undefined
  if (typeof name !== 'string') {
    refuseArrival(arrival, { ...invalidRequest(400, NEEDS_SESSION), id })
    return undefined
  }
  if (version !== undefined && !LEGACY_VERSIONS.includes(version)) {
    const text = `MCP-Protocol-Version ${version} is not served in sessions; ${LEGACY_VERSIONS.join(', ')} are`
    refuseArrival(arrival, { ...invalidRequest(400, text), id })
    return undefined
  }
  const session = service.sessions.find(name, principal)
  if (session === undefined) {
    const text = 'session not found: it ended or never was; send initialize for a new one'
    refuseArrival(arrival, { status: 404, error: { code: SESSION_NOT_FOUND, message: text }, id })
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
    watchOther(arrival, session.caller)?.done(200)
  })
}

function withSession(arrival: Arrival, use: (session: Session) => void): void {
  const named = arrival.req.headers['mcp-session-id'] !== undefined
  const session = named ? sessionOf(arrival) : sessionRequired(arrival)
  if (session !== undefined) use(session)
}

function sessionRequired(arrival: Arrival): undefined {
  const text = 'without a session (header Mcp-Session-Id) the MCP endpoint takes POST only'
  refuseArrival(arrival, invalidRequest(405, text, ['allow', 'POST']))
}

/** What other servers answer with, their id too. */
function notAcceptable(arrival: Arrival): void {
  const error = { code: INVALID_REQUEST, message: 'Not Acceptable: Client must accept text/event-stream' }
  refuseArrival(arrival, { status: 406, error, id: { text: '"server-error"', key: 'sserver-error' } })
}

/** POST of a JSON array. */
export async function postBatch(arrival: Arrival, body: Buffer): Promise<void> {
  const { service, req, res } = arrival
  const visit = (message: Message, outlet: Outlet) => visitOf(arrival, outlet, watchMessage(arrival, message))
  try {
    if (req.headers['mcp-session-id'] === undefined) throw noBatches()
    const session = sessionOf(arrival)
    if (session === undefined) return
    const check = (message: Message) => checkScopes(arrival, message)
    const frame = await serveBatch({ service, session, visit, check }, body)
    if (frame === undefined) sendEmpty(res, 202)
    else sendJson(res, 200, frame)
  } catch (error) {
    refuseFor(GatewayError.from(error), arrival)
  }
}
