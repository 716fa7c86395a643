import type { JsonObject } from '../../core/catalog.ts'
import type { Plan } from './plan.ts'
import type { StepState } from './state.ts'

/**
 * The output of a workflow that does not say what its output is. It is that of the last step, in the order
 * of declaration, among the first of these that are not none:
 * 1. the steps that no other waits for and that completed;
 * 2. the steps that no other waits for and that have default results;
 * 3. the steps that completed.
 * Otherwise it is empty.
 */
export function defaultOutput(plan: Plan, states: ReadonlyMap<string, StepState>): JsonObject {
  const steps = plan.steps.map(({ id }) => id)
  const sinks = steps.filter((id) => plan.sinks.includes(id))
  const completed = (id: string) => states.get(id)?.status === 'completed'
  const last =
    sinks.findLast(completed) ??
    sinks.findLast((id) => outputOf(states.get(id)) !== undefined) ??
    steps.findLast(completed)
  return (last === undefined ? undefined : outputOf(states.get(last))) ?? {}
}

function outputOf(state: StepState | undefined): JsonObject | undefined {
  return state !== undefined && 'output' in state ? state.output : undefined
}
