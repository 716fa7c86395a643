import { canonical } from '../../core/canonical.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import type { RawObject } from '../../core/raw.ts'
import type { FoundRun, RunKeeper } from '../../core/runs.ts'
import { keyOf } from './elicitation.ts'
import type { Invocation } from './invocation.ts'
import { offer } from './offer.ts'
import { endedIn, type Resumed } from './resumed.ts'

/** The key of `_meta` in a call that names the run to go on with. */
export const RESUME = 'dev.vmcp/resume'

/** The arguments of a call, as they came and as they were understood. */
export interface CallParams {
  readonly params: RawObject
  readonly args: JsonObject
}

/**
 * The run that a call goes on with, where it says so or its user does. The front gives the id in the place of the
 * `requestState` that it belongs to.
 * @throws GatewayError `invalid_params`, `cancelled`, `unavailable`
 */
export async function resumptionOf(call: CallParams, invocation: Invocation): Promise<Resumed | undefined> {
  const { keeper } = invocation
  const id = call.params.value('requestState') ?? call.params.object('_meta')?.value(RESUME)
  if (id === undefined) return keeper && available(offer(call.args, invocation, keeper))
  if (typeof id !== 'string')
    throw new GatewayError('invalid_params', `_meta["${RESUME}"] must be the id of a run`)
  const found = await findFor(id, invocation, keeper)
  if (found === undefined) throw nobodyWaits(id)
  checkSame(found, call.args, invocation)
  checkAnswers(found, call.params, invocation)
  const earlier = endedIn(found.run)
  if (earlier === undefined) throw notReadable(id)
  const hold = await available(found.claim())
  if (hold === undefined) throw nobodyWaits(id)
  return { run: found.run, hold, earlier }
}

/** The answers that came with the call, by the ids of the steps that asked. */
export function answersIn(params: RawObject, { exposed }: Invocation): Map<string, RawObject> {
  const responses = params.object('inputResponses')
  const answers = [...exposed.composite.answers.keys()].flatMap((step) => {
    const answer = responses?.object(keyOf(step))
    return answer === undefined ? [] : [[step, answer] as const]
  })
  return new Map(answers)
}

async function findFor(
  id: string,
  { caller }: Invocation,
  keeper: RunKeeper | undefined,
): Promise<FoundRun | undefined> {
  try {
    return keeper && (await available(keeper.find(id, caller.principal)))
  } catch (error) {
    const { code, message } = GatewayError.from(error)
    throw code === 'config' ? new GatewayError('invalid_params', message, { cause: error }) : error
  }
}

/** What a store throws is no fault of the call. @throws GatewayError `unavailable`, and those that came */
function available<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((cause: unknown) => {
    if (cause instanceof GatewayError) throw cause
    throw new GatewayError('unavailable', 'the store of runs cannot be asked now: try again later', { cause })
  })
}

function checkSame({ run }: FoundRun, args: JsonObject, { exposed }: Invocation): void {
  const { name, hash } = exposed.composite
  if (run.workflow !== name)
    throw new GatewayError('invalid_params', `run ${run.id} is one of another tool than '${name}'`)
  if (canonical(run.params) !== canonical(args))
    throw new GatewayError(
      'invalid_params',
      `run ${run.id} was begun with other arguments: send the same to go on with it`,
    )
  if (run.definition !== hash)
    throw new GatewayError(
      'invalid_params',
      `run ${run.id} cannot go on: '${name}' is defined in another way now than when it began; call it anew`,
    )
}

/** A run is not taken over to fail at its question. */
function checkAnswers({ run }: FoundRun, params: RawObject, invocation: Invocation): void {
  if (invocation.caller.capabilities['elicitation'] !== undefined) return
  const answers = answersIn(params, invocation)
  if (run.waiting.every(({ step }) => answers.has(step))) return
  throw new GatewayError(
    'capability_required',
    `run ${run.id} waits for an answer, and the client has not declared the capability "elicitation"`,
    { data: { requiredCapabilities: { elicitation: {} } } },
  )
}

function notReadable(id: string): GatewayError {
  const message = `run ${id} cannot go on: it was kept by a server of another version; call the tool anew`
  return new GatewayError('invalid_params', message)
}

/** The same for all that is not to be had, so that nobody learns of the runs of others. */
function nobodyWaits(id: string): GatewayError {
  return new GatewayError(
    'invalid_params',
    `no run ${JSON.stringify(id.slice(0, 64))} of yours waits here: it was resumed already, has ended or expired, or ` +
      'never was; call the tool anew without naming it',
  )
}
