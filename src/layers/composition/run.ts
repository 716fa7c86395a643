import type { Result } from '../../core/call.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { RawObject } from '../../core/raw.ts'
import { type Outcome, type Ports, type RunEvent, resumeWorkflow } from '../../engines/workflow/index.ts'
import { Checkpoint } from './checkpoint.ts'
import { elicit } from './elicitation.ts'
import type { Flow } from './flow.ts'
import type { Invocation } from './invocation.ts'
import { progressTo } from './progress.ts'
import { REPORT, reportOf } from './report.ts'
import { answersIn, type CallParams, resumptionOf } from './resumption.ts'
import { callTool } from './step-call.ts'
import { seenBy } from './witness.ts'

/**
 * Runs a composite tool. What goes wrong is a result with `isError`, which the model can read and mend.
 * @throws GatewayError `cancelled` when the call was, `invalid_params` when it is to go on with a run that cannot
 */
export async function run(params: RawObject, invocation: Invocation): Promise<Result> {
  const { exposed, exchange } = invocation
  const checked = exposed.composite.parameters.check(params.value('arguments') ?? {})
  if (!checked.ok) return failure(`Workflow execution failed: invalid arguments: ${checked.problem}`)
  const control = new AbortController()
  const forget = exchange.onAbort(() => control.abort(exchange.signal.reason))
  try {
    const flow = await flowOf({ params, args: checked.value as JsonObject }, invocation, control)
    const outcome = await execute(checked.value as JsonObject, flow)
    const { lost } = flow.checkpoint ?? {}
    logEnd(outcome, invocation)
    if (outcome.status === 'cancelled' && exchange.signal.aborted) throw outcome.error
    if (lost !== undefined) return failure(`Workflow execution failed: ${lost.message}`)
    return resultOf(outcome, invocation)
  } finally {
    forget()
  }
}

async function flowOf(call: CallParams, invocation: Invocation, control: AbortController): Promise<Flow> {
  const { exposed, caller, keeper, log } = invocation
  const resumed = await resumptionOf(call, invocation)
  const { name: workflow, hash: definition, steps, answers } = exposed.composite
  const checkpoint =
    keeper === undefined || answers.size === 0
      ? undefined
      : new Checkpoint({
          keeper,
          owner: caller.principal,
          facts: { workflow, definition, steps, params: call.args },
          resumed,
          control,
          log,
        })
  const earlier = resumed?.earlier ?? new Map()
  return { invocation, control, checkpoint, earlier, answers: answersIn(call.params, invocation) }
}

async function execute(params: JsonObject, flow: Flow): Promise<Outcome> {
  const { invocation, control, checkpoint, earlier } = flow
  const { workflow } = invocation.exposed.composite
  const kept = checkpoint?.resumed
  try {
    const request = { workflow, params, earlier: kept && { ...kept, ended: earlier } }
    return await resumeWorkflow(request, portsOf(flow), control.signal)
  } finally {
    await checkpoint?.end()
  }
}

function portsOf(flow: Flow): Ports {
  const { invocation, checkpoint } = flow
  const { templates, exposed } = invocation
  return {
    templates,
    callTool:
      checkpoint === undefined
        ? (request) => callTool(request, invocation)
        : async (request) => {
            await checkpoint.check()
            return callTool(request, invocation)
          },
    elicit: (request) => elicit(request, flow),
    inputSchema: (tool) => exposed.tools.get(tool)?.definition['inputSchema'] as JsonObject | undefined,
    onEvent: listener(flow),
  }
}

function listener({ invocation, control, checkpoint, earlier }: Flow): (event: RunEvent) => void {
  const { exchange, exposed, progress, witness } = invocation
  const tell = progress ? progressTo(exchange, earlier.keys()) : undefined
  const show =
    witness &&
    seenBy(witness, invocation, {
      steps: exposed.composite.steps,
      resumed: checkpoint?.resumed !== undefined,
      earlier,
      end: (reason) => control.abort(reason),
    })
  return (event) => {
    checkpoint?.note(event)
    tell?.(event)
    show?.(event)
  }
}

function logEnd(outcome: Outcome, { exposed, exchange, log }: Invocation): void {
  const { id, status, durationMs } = outcome
  const facts = { composite: exposed.composite.name, run: id, request: exchange.ref?.id, status, durationMs }
  if (outcome.status === 'completed') log.debug(facts, 'a composite tool has run')
  else log.warn({ ...facts, err: outcome.error }, 'a composite tool has failed')
}

function resultOf(outcome: Outcome, { exposed }: Invocation): Result {
  try {
    return bodyOf(outcome, { [REPORT]: reportOf(outcome, exposed) })
  } catch (error) {
    // Only what nests more deeply than a message may.
    return failure(`Workflow execution failed: the result: ${GatewayError.from(error).message}`)
  }
}

function bodyOf(outcome: Outcome, report: JsonObject): Result {
  if (outcome.status !== 'completed') return failure(outcome.error.message, report)
  const content = [{ type: 'text', text: JSON.stringify(outcome.output) }]
  return complete({ content, structuredContent: outcome.output, _meta: report })
}

function failure(text: string, report?: JsonObject): Result {
  const content = [{ type: 'text', text }]
  return complete({ content, isError: true, ...(report !== undefined && { _meta: report }) })
}

/** @throws GatewayError `parse` when it nests more deeply than a message may */
function complete(body: JsonObject): Result {
  return { type: 'complete', body: RawObject.of(body) }
}
