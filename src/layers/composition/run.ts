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
 * @throws GatewayError `cancelled`
 */
export async function run(params: RawObject, invocation: Invocation): Promise<Result> {
  const { composite } = invocation.exposed
  const checked = composite.parameters.check(params.value('arguments') ?? {})
  if (!checked.ok) return failure(`Workflow execution failed: invalid arguments: ${checked.problem}`)
  const outcome = await runWorkflow(
    composite.workflow,
    checked.value as JsonObject,
    portsOf(invocation),
    invocation.exchange.signal,
  )
  logEnd(outcome, invocation)
  if (outcome.status === 'cancelled') throw outcome.error
  return resultOf(outcome, invocation)
}

function portsOf(invocation: Invocation): Ports {
  const { templates, exposed } = invocation
  return {
    templates,
    callTool: (request) => callTool(request, invocation),
    elicit: (request) => elicit(request, invocation),
    inputSchema: (tool) => exposed.tools.get(tool)?.definition['inputSchema'] as JsonObject | undefined,
    onEvent: listener(invocation),
  }
}

function listener(invocation: Invocation): (event: RunEvent) => void {
  const { exchange, witness } = invocation
  const tell = progressTo(exchange)
  if (witness === undefined) return tell
  const show = seenBy(witness, invocation)
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
