import { GatewayError } from '../../core/errors.ts'
import { RawObject } from '../../core/raw.ts'
import type { Answer, ElicitRequest } from '../../engines/workflow/index.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Flow } from './flow.ts'

/** The key of `_meta` by which a client is told the run that asks, where it can be resumed. */
export const RUN = 'dev.vmcp/run'

/** Asks the user of the client, who may take as long as the step allows. */
export async function elicit(request: ElicitRequest, flow: Flow): Promise<Answer> {
  const { checkpoint } = flow
  const reply = await (checkpoint === undefined ? ask(request, flow) : askKept(request, flow, checkpoint))
  const action = reply?.value('action') ?? 'cancel'
  if (action === 'decline' || action === 'cancel') return { action }
  if (action !== 'accept') {
    throw new GatewayError('bad_gateway', 'the client answered neither accept, decline nor cancel')
  }
  return { action, content: contentOf(reply, request, flow) }
}

/** The run is kept while the user is asked. An answer that came with the call is taken once. */
async function askKept(
  request: ElicitRequest,
  flow: Flow,
  checkpoint: Checkpoint,
): Promise<RawObject | undefined> {
  const { step, message } = request
  await checkpoint.ask(step, message)
  try {
    const given = flow.answers.get(step)
    flow.answers.delete(step)
    return given ?? (await ask(request, flow))
  } finally {
    await checkpoint.answered(step)
  }
}

/** Nothing where the client gave up waiting for its user before the step did. */
async function ask(
  { step, message, schema, signal }: ElicitRequest,
  { invocation, checkpoint }: Flow,
): Promise<RawObject | undefined> {
  const run = checkpoint && { run: checkpoint.id, key: keyOf(step) }
  const meta = checkpoint && { _meta: { [RUN]: checkpoint.id } }
  try {
    const params = RawObject.of({ message, requestedSchema: schema, ...meta })
    return await invocation.exchange.ask({ method: 'elicitation/create', params, withdrawn: signal, ...run })
  } catch (error) {
    if (GatewayError.from(error).code === 'timeout') return undefined
    throw error
  }
}

/** What an answer goes by that comes in a request of its own. */
export function keyOf(step: string): string {
  return `step:${step}`
}

function contentOf(
  reply: RawObject | undefined,
  { step }: ElicitRequest,
  { invocation }: Flow,
): Record<string, unknown> {
  const checked = invocation.exposed.composite.answers.get(step)?.check(reply?.value('content') ?? {})
  if (checked?.ok === false) {
    // Not a code that is final: asking again may help.
    throw new GatewayError('invalid_request', `the answer does not fit its schema: ${checked.problem}`)
  }
  return (checked?.value ?? {}) as Record<string, unknown>
}
