import type { Exchange, Result } from '../../../core/call.ts'
import { GatewayError } from '../../../core/errors.ts'
import { RawObject } from '../../../core/raw.ts'
import { isAsk } from '../ask.ts'

/** Requests of one round. */
const REQUESTS = 100

/**
 * Puts the inputs that a modern server wants to a legacy client, as requests in the course of its call, and
 * makes the parameters of the retry (MCP 2026-07-28, basic/patterns/mrtr).
 * @throws GatewayError what asking throws, and `bad_gateway` for a round that asks for nothing
 */
export async function gather(result: Result, params: RawObject, exchange: Exchange): Promise<RawObject> {
  const requests = result.body.object('inputRequests')
  const state = result.body.text('requestState')
  const keys = requests?.keys ?? []
  if (keys.length > REQUESTS || (keys.length === 0 && state === undefined))
    throw new GatewayError('bad_gateway', 'the backend wants inputs, and does not say which')
  const answers: string[] = []
  for (const key of keys) {
    const answer = await askOne(requests?.object(key), exchange)
    answers.push(`${JSON.stringify(key)}:${answer.toString()}`)
  }
  const responses = answers.length === 0 ? undefined : `{${answers.join(',')}}`
  return params.with({ inputResponses: responses, requestState: state })
}

async function askOne(request: RawObject | undefined, exchange: Exchange): Promise<RawObject> {
  const method = request?.value('method')
  if (request === undefined || typeof method !== 'string' || !isAsk(method))
    throw new GatewayError('bad_gateway', 'the backend wants an input of an unknown kind')
  const params = request.object('params') ?? RawObject.empty
  return exchange.ask({ method, params: withElicitationId(params) })
}

/** Legacy clients want an id on an elicitation by URL; modern servers send none. */
function withElicitationId(params: RawObject): RawObject {
  if (params.text('mode') !== '"url"' || params.has('elicitationId')) return params
  return params.with({ elicitationId: JSON.stringify(crypto.randomUUID()) })
}
