import type { Result } from '../../core/call.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { RawObject } from '../../core/raw.ts'
import { type Outcome, type Ports, type RunEvent, runWorkflow } from '../../engines/workflow/index.ts'
import { elicit } from './elicitation.ts'
import type { Invocation } from './invocation.ts'
import { progressTo } from './progress.ts'
import { REPORT, reportOf } from './report.ts'
import { callTool } from './step-call.ts'
import { seenBy } from './witness.ts'

/**
 * Runs a composite tool. What goes wrong is a result with `isError`, which the model can read and mend.
 * @throws GatewayError `cancelled` when the call was
 */
export async function run(params: RawObject, invocation: Invocation): Promise<Result> {
  const { exposed, exchange } = invocation
  const { parameters, workflow } = exposed.composite
  const checked = parameters.check(params.value('arguments') ?? {})
  if (!checked.ok) return failure(`Workflow execution failed: invalid arguments: ${checked.problem}`)
  const control = new AbortController()
  const forget = exchange.onAbort(() => control.abort(exchange.signal.reason))
  try {
    const ports = portsOf(invocation, control)
    const outcome = await runWorkflow(workflow, checked.value as JsonObject, ports, control.signal)
    logEnd(outcome, invocation)
    if (outcome.status === 'cancelled' && exchange.signal.aborted) throw outcome.error
    return resultOf(outcome, invocation)
  } finally {
    forget()
  }
}

function portsOf(invocation: Invocation, control: AbortController): Ports {
  const { templates, exposed } = invocation
  return {
    templates,
    callTool: (request) => callTool(request, invocation),
    elicit: (request) => elicit(request, invocation),
    inputSchema: (tool) => exposed.tools.get(tool)?.definition['inputSchema'] as JsonObject | undefined,
    onEvent: listener(invocation, control),
  }
}

function listener(invocation: Invocation, control: AbortController): (event: RunEvent) => void {
  const { exchange, exposed, progress, witness } = invocation
  const tell = progress ? progressTo(exchange) : () => {}
  if (witness === undefined) return tell
  const show = seenBy(witness, invocation, {
    steps: exposed.composite.steps,
    earlier: new Map(),
    end: (reason) => control.abort(reason),
  })
  return (event) => {
    tell(event)
    show(event)
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
