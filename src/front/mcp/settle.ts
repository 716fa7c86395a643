import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { errorFrame, frameLength, type ResultBytes, resultFrame } from './frame.ts'
import type { RpcRequest } from './message.ts'
import { challengeOf } from './refusal.ts'
import type { Service } from './service.ts'
import type { Visit, WireError } from './visit.ts'

/** How one era works out a result, and puts errors on the wire. */
export interface Answering {
  readonly answer: () => ResultBytes | Promise<ResultBytes>
  readonly toWire: (error: GatewayError) => WireError
}

/** Sees one request to its reply, whatever happens. Never rejects. */
export async function settle(
  service: Service,
  request: RpcRequest,
  visit: Visit,
  answering: Answering,
): Promise<void> {
  const { outlet, cancel } = visit
  service.running.add(visit)
  try {
    const result = await answering.answer()
    if (cancel.aborted) endAborted(request, visit, answering)
    else {
      const frame = resultFrame(request.id, result)
      outlet.reply(frame, 200)
      const { sighting } = visit
      sighting?.answered(result, { status: 200, bytes: frameLength(frame), streamed: outlet.streamed })
    }
  } catch (cause) {
    if (cancel.aborted) endAborted(request, visit, answering)
    else {
      const error = known(service, request, visit, cause)
      replyError(request, visit, error, { ...answering.toWire(error), headers: challengeOf(service, error) })
    }
  } finally {
    service.running.delete(visit)
  }
}

/** A request that the client cancelled gets no reply; one that we ended gets the reason. */
function endAborted(request: RpcRequest, visit: Visit, { toWire }: Answering): void {
  const { reason } = visit.cancel
  if (reason !== undefined) {
    const error = GatewayError.from(reason)
    replyError(request, visit, error, toWire(error))
  } else {
    visit.outlet.end()
    visit.sighting?.abandoned(new GatewayError('cancelled', 'the client has cancelled the request'))
  }
}

function replyError(
  request: RpcRequest,
  { outlet, sighting }: Visit,
  cause: GatewayError,
  { error, status, headers }: WireError,
): void {
  const frame = errorFrame(request.id, error)
  outlet.reply(frame, status, headers)
  const { streamed } = outlet
  sighting?.failed(error, { status: streamed ? 200 : status, bytes: frameLength(frame), streamed }, cause)
}

const NOT_THE_CLIENTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['unavailable', 'timeout', 'bad_gateway'])

/** What is no error of ours is opaque to the client. What the client is not to blame for goes to the log. */
function known(
  { options, brief }: Service,
  { method }: RpcRequest,
  { ref }: Visit,
  cause: unknown,
): GatewayError {
  const error = GatewayError.from(cause)
  const { code, message } = error
  if (code === 'internal')
    options.log.error({ err: error, method, request: ref.id }, 'a request failed for a reason of our own')
  else if (NOT_THE_CLIENTS.has(code))
    brief.info({ method, request: ref.id, code, error: message }, 'a request failed')
  return error
}
