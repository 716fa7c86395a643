import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { RawObject } from '../../core/raw.ts'
import type { FoundRun, RunKeeper } from '../../core/runs.ts'
import { RUN } from './elicitation.ts'
import type { Invocation } from './invocation.ts'
import { endedIn, type Resumed } from './resumed.ts'

const GO_ON = 'go on with it'
const ANEW = 'begin anew'

/**
 * Asks whether the call is to go on with a run that its client has lost: one of the same tool with the same arguments by
 * the same caller, that no server waits with. One that is begun anew instead is kept no longer.
 * @throws GatewayError `cancelled` where the user wants neither
 */
export async function offer(
  params: JsonObject,
  invocation: Invocation,
  keeper: RunKeeper,
): Promise<Resumed | undefined> {
  const { composite } = invocation.exposed
  // Who cannot be asked could not answer what the run asks either.
  if (composite.answers.size === 0 || invocation.caller.capabilities['elicitation'] === undefined)
    return undefined
  const found = await lostRun(params, invocation, keeper)
  if (found === undefined || found.run.definition !== composite.hash) return undefined
  const earlier = endedIn(found.run)
  if (earlier === undefined) return undefined
  const choice = await choose(found, invocation)
  if (choice !== GO_ON && choice !== ANEW)
    throw new GatewayError(
      'cancelled',
      `the user chose neither to go on with run ${found.run.id} nor to begin anew`,
    )
  const hold = await found.claim()
  if (choice === GO_ON && hold === undefined)
    throw new GatewayError('cancelled', `run ${found.run.id} was resumed elsewhere meanwhile`)
  if (choice === GO_ON && hold !== undefined) return { run: found.run, hold, earlier }
  await hold?.release()
  return undefined
}

/** Without a store that answers there is nothing to offer. */
async function lostRun(
  params: JsonObject,
  { exposed, caller, log }: Invocation,
  keeper: RunKeeper,
): Promise<FoundRun | undefined> {
  const { name: workflow } = exposed.composite
  try {
    return await keeper.orphan({ workflow, params }, caller.principal)
  } catch (error) {
    log.warn({ composite: workflow, err: error }, 'whether a run waits to be resumed cannot be told')
    return undefined
  }
}

/** What the user says; `undefined` where they do not accept. */
async function choose({ run }: FoundRun, { exchange, exposed }: Invocation): Promise<unknown> {
  const steps = run.waiting.map(({ step }) => `'${step}'`).join(' and ')
  const message =
    `A run of '${exposed.composite.name}' with the same arguments, begun at ${new Date(run.startedAt).toISOString()}, ` +
    `was interrupted while it waited for an answer (step ${steps}). Go on with it, or begin anew?`
  const choice = { type: 'string', title: 'Choice', enum: [GO_ON, ANEW] }
  const requestedSchema = { type: 'object', properties: { choice }, required: ['choice'] }
  const params = RawObject.of({ message, requestedSchema, _meta: { [RUN]: run.id } })
  const reply = await exchange.ask({ method: 'elicitation/create', params })
  return reply.value('action') === 'accept' ? reply.object('content')?.value('choice') : undefined
}
