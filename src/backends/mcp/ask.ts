import type { Ask, Exchange } from '../../core/call.ts'
import type { RpcError } from '../../core/errors.ts'
import { GatewayError } from '../../core/errors.ts'
import { RawObject } from '../../core/raw.ts'
import type { Message } from './message.ts'
import { errorFrame, resultFrame } from './message.ts'

type Request = Message & { kind: 'request' }

const METHOD_NOT_FOUND = -32601
const INTERNAL = -32603

export function isAsk(method: string): method is Ask['method'] {
  return method === 'elicitation/create' || method === 'sampling/createMessage' || method === 'roots/list'
}

/** Puts a server's request to the client of the call, and makes the answer's frame. Never rejects. */
export async function relayAsk(request: Request, exchange: Exchange): Promise<Buffer> {
  try {
    const params = request.raw.object('params') ?? RawObject.empty
    const answer = await exchange.ask({ method: request.method as Ask['method'], params })
    return resultFrame(request.id, answer.bytes)
  } catch (error) {
    return errorFrame(request.id, toRpc(GatewayError.from(error)))
  }
}

/** What we answer ourselves. */
export function answerHere(request: Request): Buffer {
  if (request.method === 'ping') return resultFrame(request.id, RawObject.empty.bytes)
  const message = isAsk(request.method)
    ? `'${request.method}' cannot be relayed: it does not belong to one call in progress`
    : `method '${request.method.slice(0, 100)}' not found`
  return errorFrame(request.id, { code: METHOD_NOT_FOUND, message })
}

function toRpc(error: GatewayError): RpcError {
  if (error.rpc !== undefined) return error.rpc
  const code = error.code === 'capability_required' ? METHOD_NOT_FOUND : INTERNAL
  return { code, message: error.message }
}
