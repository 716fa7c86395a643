import { onAbort } from '../../core/abort.ts'
import type { Ask } from '../../core/call.ts'
import { GatewayError, type RpcError } from '../../core/errors.ts'
import type { RawObject } from '../../core/raw.ts'
import type { Cancel } from './cancel.ts'
import { notificationFrame, requestFrame } from './frame.ts'
import type { RpcResponse } from './message.ts'
import type { Outlet } from './outlet.ts'

const MAX_ASKS = 100
/** People answer elicitations, so it is long. */
const ASK_TIMEOUT_MS = 5 * 60_000

interface Pending {
  readonly resolve: (result: RawObject) => void
  readonly reject: (error: GatewayError) => void
  readonly progress: Ask['progress']
}

export interface AskContext {
  readonly outlet: Outlet
  readonly cancel: Cancel
  readonly timeoutMs?: number
}

/** Requests of ours that a client session has not answered yet. */
export class Asks {
  readonly #pending = new Map<string, Pending>()
  #count = 0

  /** Sends the request on the call's own stream and waits for the answer that the client posts. */
  async ask(request: Ask, { outlet, cancel, timeoutMs = ASK_TIMEOUT_MS }: AskContext): Promise<RawObject> {
    if (!outlet.streams) throw cannotStream(request)
    if (cancel.aborted) throw cancelled(request)
    if (request.withdrawn?.aborted) throw withdrawn(request)
    if (this.#pending.size >= MAX_ASKS) {
      throw new GatewayError('rate_limited', `the client has ${MAX_ASKS} requests to answer already`)
    }
    const id = `vmcp-${++this.#count}`
    const answer = new Promise<RawObject>((resolve, reject) =>
      this.#pending.set(id, { resolve, reject, progress: request.progress }),
    )
    const giveUp = (error: GatewayError) => {
      outlet.send(notificationFrame('notifications/cancelled', `{"requestId":"${id}"}`), true)
      this.#reject(id, error)
    }
    const timer = setTimeout(() => giveUp(timedOut(request, timeoutMs)), timeoutMs)
    const forget = cancel.onAbort(() => giveUp(cancelled(request)))
    const ignore = request.withdrawn && onAbort(request.withdrawn, () => giveUp(withdrawn(request)))
    outlet.send(requestFrame(id, request.method, paramsOf(request, id)), false)
    try {
      return await answer
    } finally {
      clearTimeout(timer)
      forget()
      ignore?.()
      this.#pending.delete(id)
    }
  }

  /** Whether the response answers a request of ours. */
  answer({ id, message }: RpcResponse): boolean {
    const key = id.key.slice(1)
    const pending = this.#pending.get(key)
    if (pending === undefined) return false
    this.#pending.delete(key)
    const result = message.object('result')
    if (result === undefined) pending.reject(refusal(message))
    else pending.resolve(result)
    return true
  }

  /** Passes on the client's `notifications/progress`, of which our id is the token. */
  progress(params: RawObject): void {
    const token = params.value('progressToken')
    if (typeof token === 'string') this.#pending.get(token)?.progress?.(params)
  }

  rejectAll(): void {
    for (const id of [...this.#pending.keys()]) {
      this.#reject(id, new GatewayError('cancelled', 'the client session ended before it answered'))
    }
  }

  #reject(id: string, error: GatewayError): void {
    this.#pending.get(id)?.reject(error)
    this.#pending.delete(id)
  }
}

/** Tokens of several backends may be the same. */
function paramsOf({ params, progress }: Ask, id: string): Buffer {
  const meta = params.object('_meta')
  if (progress === undefined || meta === undefined) return params.bytes
  return params.bytesWith({ _meta: meta.with({ progressToken: JSON.stringify(id) }).toString() })
}

/** The client's own error, in the words in which it came. */
function refusal(message: RawObject): GatewayError {
  const error = message.value('error') as Partial<RpcError> | undefined
  if (typeof error?.code === 'number' && typeof error.message === 'string') {
    return GatewayError.backend(error as RpcError)
  }
  return new GatewayError('bad_gateway', 'the client answered with neither a result nor an error')
}

function cannotStream({ method }: Ask): GatewayError {
  return new GatewayError(
    'capability_required',
    `the call needs ${method}, and there is no stream to ask on: accept text/event-stream, outside of a batch`,
  )
}

function cancelled({ method }: Ask): GatewayError {
  return new GatewayError('cancelled', `the call ended before the client answered ${method}`)
}

/** For both eras: the backend asks no longer. */
export function withdrawn({ method }: Ask): GatewayError {
  return new GatewayError('cancelled', `the backend has withdrawn its ${method}`)
}

function timedOut({ method }: Ask, timeoutMs: number): GatewayError {
  return new GatewayError('timeout', `the client did not answer ${method} within ${timeoutMs / 1000} s`)
}
