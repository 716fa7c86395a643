import type { Ask, Result } from '../../../core/call.ts'
import type { Caller } from '../../../core/caller.ts'
import type { JsonObject } from '../../../core/catalog.ts'
import { GatewayError } from '../../../core/errors.ts'
import { isObject } from '../../../core/json.ts'
import { RawObject } from '../../../core/raw.ts'
import { requireCapability } from '../capability.ts'
import type { RpcRequest } from '../message.ts'

/** Members of a legacy server's request that this revision does not have. */
const LEGACY_MEMBERS = ['elicitationId', 'task']

/** The result that puts questions to the client (MCP 2026-07-28, basic/patterns/mrtr). */
export function askedResult(asks: ReadonlyMap<string, Ask>, state: string | undefined): Result {
  const requests = [...asks].map(([key, { method, params }]) => {
    const text = withoutToken(params.without(LEGACY_MEMBERS)).toString()
    return `${JSON.stringify(key)}:{"method":${JSON.stringify(method)},"params":${text}}`
  })
  const tail = state === undefined ? '' : `,"requestState":${JSON.stringify(state)}`
  const body = RawObject.scan(Buffer.from(`{"inputRequests":{${requests.join(',')}}${tail}}`))
  return { type: 'input_required', body }
}

/** A client of this revision tells of no progress. */
function withoutToken(params: RawObject): RawObject {
  const meta = params.object('_meta')
  return meta?.has('progressToken')
    ? params.with({ _meta: meta.without(['progressToken']).toString() })
    : params
}

/**
 * A backend that wants inputs must say which, or give a state, and must not ask what its client has not declared.
 * @throws GatewayError `capability_required`, `bad_gateway`
 */
export function checkAsks({ type, body }: Result, caller: Caller): void {
  const requests = body.object('inputRequests')
  const keys = requests?.keys ?? []
  const isVain =
    type === 'input_required' && keys.length === 0 && typeof body.value('requestState') !== 'string'
  if (isVain || (requests === undefined && body.has('inputRequests')))
    throw new GatewayError('bad_gateway', 'the backend wants inputs, and does not say which')
  for (const key of keys) {
    const request = requests?.object(key)
    const method = request?.value('method')
    const params = request?.object('params') ?? RawObject.empty
    if (isAsked(method)) requireCapability(caller, { method, params })
    else throw new GatewayError('bad_gateway', 'the backend wants an input of a kind that is not known')
  }
}

function isAsked(method: unknown): method is Ask['method'] {
  return method === 'elicitation/create' || method === 'sampling/createMessage' || method === 'roots/list'
}

/** MCP 2025-11-25, client/elicitation, URL Elicitation Required. */
const URL_REQUIRED = -32042
/** Backends that keep no state choose keys of their own, which ours must not be taken for. */
const URL_KEY = 'vmcp-url-'

/**
 * A legacy server that wants a page to be visited first says so by an error, and is called again afterwards. That
 * needs no state. @returns `undefined` where it is another error, or the client cannot be asked
 */
export function askedByError(error: unknown, caller: Caller): Result | undefined {
  if (!(error instanceof GatewayError) || error.rpc?.code !== URL_REQUIRED) return undefined
  const { data } = error.rpc
  const elicitations: unknown = isObject(data) ? data['elicitations'] : undefined
  if (!Array.isArray(elicitations)) return undefined
  const asks = elicitations.filter(isObject).map((elicitation: JsonObject, n): [string, Ask] => {
    const params = RawObject.of({ ...elicitation, mode: 'url' })
    return [`${URL_KEY}${n + 1}`, { method: 'elicitation/create', params }]
  })
  if (asks.length === 0) return undefined
  for (const [, ask] of asks) requireCapability(caller, ask)
  return askedResult(new Map(asks), undefined)
}

/** Calling again would only bring the same question. @throws GatewayError `cancelled` */
export function checkConsent({ params }: RpcRequest): void {
  const responses = params['inputResponses']
  if (!isObject(responses)) return
  for (const [key, response] of Object.entries(responses)) {
    if (key.startsWith(URL_KEY) && isObject(response) && response['action'] !== 'accept')
      throw new GatewayError(
        'cancelled',
        'the user did not agree to visit the page that the backend requires',
      )
  }
}
