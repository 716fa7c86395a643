import type { JsonObject } from '../../core/catalog.ts'
import { systemClock } from './clock.ts'
import type { Workflow } from './model.ts'
import type { Ports } from './ports.ts'
import { Run, type RunRequest } from './run.ts'
import type { Outcome } from './state.ts'
import type { RunPorts } from './step-context.ts'

/**
 * Runs a workflow to its end and tells what came of it, whatever that is. Nothing of the run is left when
 * the promise resolves: no timer, no listener.
 * @throws GatewayError `config` when the workflow is no graph that can run
 */
export function runWorkflow(
  workflow: Workflow,
  params: JsonObject,
  ports: Ports,
  signal: AbortSignal,
): Promise<Outcome> {
  return resumeWorkflow({ workflow, params }, ports, signal)
}

/** As `runWorkflow`, going on where an earlier run of the same workflow was interrupted. */
export async function resumeWorkflow(
  request: RunRequest,
  ports: Ports,
  signal: AbortSignal,
): Promise<Outcome> {
  return new Run(request, complete(ports)).execute(signal)
}

function complete(ports: Ports): RunPorts {
  return {
    templates: ports.templates,
    callTool: (call) => ports.callTool(call),
    elicit: (request) => ports.elicit(request),
    inputSchema: (tool) => ports.inputSchema?.(tool),
    clock: ports.clock ?? systemClock,
    random: ports.random ?? Math.random,
    onEvent: (event) => ports.onEvent?.(event),
  }
}
