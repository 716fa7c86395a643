import type { Call, Result } from '../../../core/call.ts'
import { COMPOSITE } from '../../../core/composite.ts'
import { GatewayError } from '../../../core/errors.ts'
import type { ReadCall } from '../calls.ts'
import { requireCapability } from '../capability.ts'
import { RequestExchange } from '../exchange.ts'
import type { Outcome } from '../outcome.ts'
import { runCall } from '../run.ts'
import { askedByError, askedResult, checkAsks, checkConsent } from './inputs.ts'
import { LiveCall } from './live-call.ts'
import { withParamHeaders } from './param-headers.ts'
import type { ModernRequest } from './request.ts'
import { openState, sealState } from './request-state.ts'
import { invalidState, movedState } from './retry.ts'
import type { Reply } from './round.ts'
import { MAY_ASK, stampResult } from './stamp.ts'
import { checkTaskMethod, checkTasks, unwrapTask, withTaskId, wrapTask } from './tasks.ts'

export async function call(read: ReadCall, modern: ModernRequest): Promise<readonly Buffer[]> {
  const { service, request, caller } = modern
  const { requestState } = request.params
  try {
    if (service.parking.has(requestState))
      return replied(await service.parking.resume(requestState, modern), modern)
    const kept = service.parking.runOf(requestState)
    if (kept !== undefined) return replied(await goOn({ run: kept, read }, modern), modern)
    if (request.params['inputResponses'] !== undefined) checkConsent(request)
    const { request: opened, backend } = openState(modern)
    const made = { call: withParamHeaders(read(opened), modern.visit.headers), backend }
    return canAnswer(modern) ? await ask(made, modern) : concluded(await run(made, modern), modern)
  } catch (error) {
    const asked = askedByError(error, caller)
    if (asked === undefined) throw error
    return stamped(asked, modern)
  }
}

function stamped(result: Result, { service, request, visit }: ModernRequest): readonly Buffer[] {
  visit.sighting?.made(result)
  return stampResult(result, request, service.identity)
}

interface Made {
  readonly call: Call
  /** Whose state the request brings back. */
  readonly backend: string | undefined
}

function canAnswer({ caller, request }: ModernRequest): boolean {
  const { elicitation, sampling, roots } = caller.capabilities
  const any = elicitation !== undefined || sampling !== undefined || roots !== undefined
  return any && MAY_ASK.includes(request.method)
}

/** For a client that cannot be asked anything, at least not by this method. */
function run(made: Made, modern: ModernRequest): Promise<Outcome> {
  const { caller, request, visit, envelope } = modern
  const exchange = new RequestExchange(request, {
    ref: visit.ref,
    outlet: visit.outlet,
    cancel: visit.cancel,
    floor: envelope.logLevel,
    takesInputRequired: true,
    ask: async (ask) => {
      requireCapability(caller, ask)
      throw new GatewayError(
        'invalid_request',
        `a client is asked nothing in the course of ${request.method}`,
      )
    },
  })
  return runIn(exchange, made, modern)
}

async function ask(made: Made, modern: ModernRequest): Promise<readonly Buffer[]> {
  const { parking } = modern.service
  const live = new LiveCall(modern, parking.checkRoom)
  live.start(runIn(live, made, modern))
  return replied(await parking.round(live, modern), modern)
}

/**
 * A run that waited in a process which is gone, or in another. The retry goes on with it as a call of its own, with the
 * name of the run in the place of the state: whose it is and what for is for the run to judge.
 */
function goOn({ run, read }: { run: string; read: ReadCall }, modern: ModernRequest): Promise<Reply> {
  const { request, service } = modern
  if (!canAnswer(modern)) throw invalidState()
  const raw = request.raw.with({ requestState: JSON.stringify(run) })
  const live = new LiveCall(modern, service.parking.checkRoom, true)
  live.start(runIn(live, { call: read({ ...request, raw }), backend: COMPOSITE }, modern))
  return service.parking.takeOver(String(request.params['requestState']), live, modern)
}

function runIn(
  exchange: RequestExchange | LiveCall,
  { call, backend }: Made,
  { service, caller, request, visit }: ModernRequest,
): Promise<Outcome> {
  return runCall(service, {
    call,
    caller,
    exchange,
    cancel: exchange instanceof LiveCall ? exchange.cancel : visit.cancel,
    sighting: visit.sighting,
    inspect: (item) => {
      if (exchange instanceof LiveCall) exchange.item = item
      if (backend !== undefined && item.origin.backend !== backend) throw movedState()
      if (visit.headers !== undefined) service.paramHeaders.check(item, request.params, visit.headers)
    },
  })
}

function replied(reply: Reply, modern: ModernRequest): readonly Buffer[] {
  if (reply.kind === 'done') return concluded(reply.outcome, modern)
  return stamped(askedResult(reply.asks, reply.state), modern)
}

function concluded({ item, result }: Outcome, modern: ModernRequest): readonly Buffer[] {
  const { service, caller } = modern
  const backend = item?.origin.backend ?? ''
  if (result.type === 'task') {
    checkTasks(caller)
    const named = withTaskId(result, (taskId) => wrapTask({ backend, taskId }, service, caller))
    return stamped(named, modern)
  }
  if (result.type !== 'input_required') return stamped(result, modern)
  checkAsks(result, caller)
  const state = result.body.value('requestState')
  const sealed = typeof state === 'string' ? JSON.stringify(sealState(state, backend, modern)) : undefined
  const body = result.body.with({ requestState: sealed })
  return stamped({ ...result, body }, modern)
}

/** `tasks/get`, `tasks/update`, `tasks/cancel` (SEP-2663). */
export async function callTask(modern: ModernRequest): Promise<readonly Buffer[]> {
  const { service, caller, request } = modern
  checkTaskMethod(request.method, service, caller)
  const id = request.params['taskId']
  const { backend, taskId } = unwrapTask(id, service, caller)
  const params = request.raw.with({ taskId: JSON.stringify(taskId) })
  const made: Made = {
    call: { kind: 'task', method: request.method, backend, taskId, params },
    backend: undefined,
  }
  const { result } = await run(made, modern)
  if (result.body.has('inputRequests')) checkAsks(result, caller)
  const named = withTaskId(result, () => id as string)
  return stamped(named, modern)
}
