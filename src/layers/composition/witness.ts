import type { BegunRun, RunSeen, RunSeenType, RunWitness } from '../../core/witness.ts'
import type { RunEvent } from '../../engines/workflow/index.ts'
import type { Invocation } from './invocation.ts'

/** Shows a witness what happens in a run. The items of a loop are parts of its step. */
export function seenBy(
  witness: RunWitness,
  { caller, ref, stepRefs }: Invocation,
  begun: BegunRun,
): (event: RunEvent) => void {
  return (event) => {
    if (event.type === 'step_iteration') return
    const { run, workflow, at, type } = event
    const step = 'step' in event ? { id: event.step, type: event.stepType, tool: event.tool } : undefined
    witness({
      type: type satisfies RunSeenType,
      run,
      workflow,
      at,
      caller,
      ref,
      step,
      stepRef: step && stepRefs.of(step.id),
      ...endOf(event),
      ...(type === 'workflow_started' && { begun }),
    })
  }
}

function endOf(event: RunEvent): Pick<RunSeen, 'durationMs' | 'error'> {
  return { durationMs: durationOf(event), error: errorOf(event) }
}

function durationOf(event: RunEvent): number | undefined {
  if ('outcome' in event) return event.outcome.durationMs
  return 'state' in event && 'durationMs' in event.state ? event.state.durationMs : undefined
}

function errorOf(event: RunEvent): RunSeen['error'] {
  if ('outcome' in event && event.outcome.status !== 'completed') return shown(event.outcome.error)
  return 'error' in event ? shown(event.error) : undefined
}

function shown({ code, message }: NonNullable<RunSeen['error']>): RunSeen['error'] {
  return { code, message }
}
