import { GatewayError } from '../../core/errors.ts'
import { RawObject } from '../../core/raw.ts'
import type { Answer, ElicitRequest } from '../../engines/workflow/index.ts'
import type { Invocation } from './invocation.ts'

/** Asks the user of the client, who may take as long as the step allows. */
export async function elicit(request: ElicitRequest, invocation: Invocation): Promise<Answer> {
  const reply = await ask(request, invocation)
  const action = reply?.value('action') ?? 'cancel'
  if (action === 'decline' || action === 'cancel') return { action }
  if (action !== 'accept') {
    throw new GatewayError('bad_gateway', 'the client answered neither accept, decline nor cancel')
  }
  return { action, content: contentOf(reply, request, invocation) }
}

/** Nothing where the client gave up waiting for its user before the step did. */
async function ask(
  { message, schema, signal }: ElicitRequest,
  { exchange }: Invocation,
): Promise<RawObject | undefined> {
  try {
    const params = RawObject.of({ message, requestedSchema: schema })
    return await exchange.ask({ method: 'elicitation/create', params, withdrawn: signal })
  } catch (error) {
    if (GatewayError.from(error).code === 'timeout') return undefined
    throw error
  }
}

function contentOf(
  reply: RawObject | undefined,
  { step }: ElicitRequest,
  { exposed }: Invocation,
): Record<string, unknown> {
  const checked = exposed.composite.answers.get(step)?.check(reply?.value('content') ?? {})
  if (checked?.ok === false) {
    // Not a code that is final: asking again may help.
    throw new GatewayError('invalid_request', `the answer does not fit its schema: ${checked.problem}`)
  }
  return (checked?.value ?? {}) as Record<string, unknown>
}
