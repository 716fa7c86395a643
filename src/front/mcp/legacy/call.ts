import type { Ask } from '../../../core/call.ts'
import type { Item } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { RawObject } from '../../../core/raw.ts'
import type { ReadCall } from '../calls.ts'
import { requireCapability } from '../capability.ts'
import { RequestExchange } from '../exchange.ts'
import type { ResultBytes } from '../frame.ts'
import { floorOf } from '../log-level.ts'
import { runCall } from '../run.ts'
import { projectResult } from './project.ts'
import type { LegacyRequest } from './request.ts'

export async function call(read: ReadCall, legacy: LegacyRequest): Promise<ResultBytes> {
  try {
    return await made(read, legacy)
  } catch (error) {
    return limited(error, legacy)
  }
}

async function made(read: ReadCall, legacy: LegacyRequest): Promise<readonly Buffer[]> {
  const { service, caller, request, visit, session } = legacy
  const exchange = exchangeOf(legacy)
  const ran = await runCall(service, {
    call: read(request),
    caller,
    exchange,
    cancel: visit.cancel,
    sighting: visit.sighting,
  })
  const { item } = ran
  visit.sighting?.made(ran.result)
  if (ran.result.type !== 'complete') throw incomplete(ran.result.type, item)
  const makesTask = item !== undefined && request.params['task'] !== undefined
  const result = makesTask ? session.tasks.learn(ran.result, item) : ran.result
  return (item === undefined ? result.body : projectResult(item, result.body)).piecesWith({})
}

/** That a rate limit refuses a tool call is for the model to read. @throws any other error */
function limited(error: unknown, { request, visit }: LegacyRequest): Buffer {
  const isLimit = error instanceof GatewayError && error.code === 'rate_limited'
  if (!isLimit || error.data?.['retryAfterSeconds'] === undefined || request.method !== 'tools/call')
    throw error
  visit.sighting?.refused(error)
  const { message, data } = error
  const structuredContent = { code: 429, message, data }
  return Buffer.from(
    JSON.stringify({ content: [{ type: 'text', text: message }], isError: true, structuredContent }),
  )
}

/**
 * The back-channel of a request: the stream of its reply.
 * @param shown makes of what the backend asks what the client is asked
 */
export function exchangeOf(
  legacy: LegacyRequest,
  shown: (params: RawObject) => RawObject = (params) => params,
): RequestExchange {
  const { caller, request, visit } = legacy
  return new RequestExchange(request, {
    ref: visit.ref,
    outlet: visit.outlet,
    cancel: visit.cancel,
    floor: floorOf(caller),
    takesInputRequired: false,
    ask: (ask) => askClient({ ...ask, params: shown(ask.params) }, legacy),
  })
}

async function askClient(ask: Ask, { caller, session, visit }: LegacyRequest): Promise<RawObject> {
  requireCapability(caller, ask)
  return session.asks.ask(ask, { outlet: visit.outlet, cancel: visit.cancel })
}

function incomplete(type: string, item: Item | undefined): GatewayError {
  const who = item === undefined ? 'the backend' : `backend '${item.origin.backend}'`
  const what = `a result of type '${type}', which the client's protocol version does not have`
  return new GatewayError('bad_gateway', `${who} answered with ${what}`)
}
