import type { Ask } from '../../core/call.ts'
import type { RpcError } from '../../core/errors.ts'
import { GatewayError } from '../../core/errors.ts'
import { RawObject } from '../../core/raw.ts'
import type { Message } from './message.ts'
import { errorFrame, notificationFrame, resultFrame } from './message.ts'

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

/** Requests of one server that are with a client. */
export class Questions {
  /** By the JSON text of the request's id. Most servers ask nothing. */
  #open: Map<string, AbortController> | undefined

  /** The request as something to put to a client, to be followed by `answer` or `close`. */
  open(request: Request, send: (frame: Buffer) => void): Ask {
    const withdrawal = new AbortController()
    this.#open ??= new Map()
    this.#open.set(request.id, withdrawal)
    const params = request.raw.object('params') ?? RawObject.empty
    const ask = { method: request.method as Ask['method'], params, withdrawn: withdrawal.signal }
    const progressToken = params.object('_meta')?.text('progressToken')
    if (progressToken === undefined) return ask
    const progress = (told: RawObject) =>
      send(notificationFrame('notifications/progress', told.bytesWith({ progressToken })))
    return { ...ask, progress }
  }

  /** Takes the server's `notifications/cancelled`. */
  withdraw(params: RawObject): void {
    this.#open?.get(params.text('requestId') ?? '')?.abort()
  }

  close(request: Request): void {
    this.#open?.delete(request.id)
  }

  /** The frame of an answer that is to come; nothing where the server has withdrawn the question. Never rejects. */
  async answer(request: Request, answer: Promise<RawObject>): Promise<Buffer | undefined> {
    const withdrawal = this.#open?.get(request.id)
    const frame = await answerFrame(request, answer)
    this.close(request)
    return withdrawal?.signal.aborted === true ? undefined : frame
  }
}

async function answerFrame(request: Request, answer: Promise<RawObject>): Promise<Buffer> {
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
    : `method '${request.method.slice(0, 100)}' not found`
  return errorFrame(request.id, { code: METHOD_NOT_FOUND, message })
}

function toRpc(error: GatewayError): RpcError {
  if (error.rpc !== undefined) return error.rpc
  const code = error.code === 'capability_required' ? METHOD_NOT_FOUND : INTERNAL
  return { code, message: error.message }
}
