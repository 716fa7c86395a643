import { GatewayError } from '../../core/errors.ts'
import { errorFrame, type ResultBytes, resultFrame } from './frame.ts'
import type { RpcRequest } from './message.ts'
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
    else outlet.reply(resultFrame(request.id, result), 200)
  } catch (cause) {
    if (cancel.aborted) endAborted(request, visit, answering)
    else replyError(request, visit, answering.toWire(known(service, request, cause)))
  } finally {
    service.running.delete(visit)
  }
}

/** A request that the client cancelled gets no reply; one that we ended gets the reason. */
function endAborted(request: RpcRequest, visit: Visit, { toWire }: Answering): void {
  const { reason } = visit.cancel
  if (reason !== undefined) replyError(request, visit, toWire(GatewayError.from(reason)))
  else visit.outlet.end()
}

function replyError(request: RpcRequest, { outlet }: Visit, { error, status }: WireError): void {
  outlet.reply(errorFrame(request.id, error), status)
}

/** What is no error of ours is opaque to the client and goes to the log. */
function known({ options }: Service, { method }: RpcRequest, cause: unknown): GatewayError {
  const error = GatewayError.from(cause)
  if (error.code === 'internal')
    options.log.error({ err: error, method }, 'a request failed for a reason of our own')
  return error
}
