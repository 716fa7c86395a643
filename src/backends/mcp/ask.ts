import type { Ask } from '../../core/call.ts'
import type { RpcError } from '../../core/errors.ts'
import { GatewayError } from '../../core/errors.ts'
import { RawObject } from '../../core/raw.ts'
import type { Message } from './message.ts'
import { errorFrame, resultFrame } from './message.ts'

type Request = Message & { kind: 'request' }

const METHOD_NOT_FOUND = -32601
const INTERNAL = -32603

const ASKS: ReadonlySet<string> = new Set<Ask['method']>([
  'elicitation/create',
  'sampling/createMessage',
  'roots/list',
  'tasks/get',
  'tasks/result',
  'tasks/list',
  'tasks/cancel',
])

export function isAsk(method: string): method is Ask['method'] {
  return ASKS.has(method)
}

/** The server's request as something to put to a client. */
export function askOf(request: Request): Ask {
  const params = request.raw.object('params') ?? RawObject.empty
  return { method: request.method as Ask['method'], params }
}

/** The frame of an answer that is to come. Never rejects. */
export async function answerFrame(request: Request, answer: Promise<RawObject>): Promise<Buffer> {
  try {
    return resultFrame(request.id, (await answer).bytes)
  } catch (error) {
    return errorFrame(request.id, toRpc(GatewayError.from(error)))
  }
}

/** What we answer ourselves. */
export function answerHere(request: Request): Buffer {
  if (request.method === 'ping') return resultFrame(request.id, RawObject.empty.bytes)
  const message = isAsk(request.method)
    ? `'${request.method}' cannot be relayed: it does not belong to one call in progress`
    : `method '${request.method}' not found`
  return errorFrame(request.id, { code: METHOD_NOT_FOUND, message })
}

function toRpc(error: GatewayError): RpcError {
  if (error.rpc !== undefined) return error.rpc
  const code = error.code === 'capability_required' ? METHOD_NOT_FOUND : INTERNAL
  return { code, message: error.message }
}
