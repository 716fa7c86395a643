import type { Meter, Recorder, Series } from '../../core/meter.ts'
import type { Span, Tracer } from '../../core/trace.ts'
import type { RunSeen, RunWitness } from '../../core/witness.ts'
import type { Traces } from './traces.ts'

export interface RunsOptions {
  readonly meter: Meter | undefined
  readonly tracer: Tracer | undefined
  readonly traces: Traces
}

interface Workflow {
  readonly execution: Recorder
  readonly error: Recorder
  readonly duration: Recorder
}

/** Counts, times and traces the runs of composite tools. */
export function runWitness({ meter, tracer, traces }: RunsOptions): RunWitness {
  const workflows = meter && new Workflows(meter)
  const spans = new Map<string, Span>()
  return (seen) => {
    if (seen.type === 'workflow_started') {
      if (tracer !== undefined) spans.set(seen.run, begin(seen, tracer, traces))
    } else if (seen.step === undefined && seen.durationMs !== undefined) {
      workflows?.record(seen, seen.durationMs / 1000)
      spans.get(seen.run)?.end(seen.error && { type: seen.error.code, message: seen.error.message })
      spans.delete(seen.run)
    }
  }
}

/** Steps are told by the run's own reference. */
function begin({ ref, run, workflow }: RunSeen, tracer: Tracer, traces: Traces): Span {
  const span = tracer.begin({ name: 'core.ExecuteWorkflow', kind: 'internal', parent: traces.of(ref) })
  if (ref !== undefined) traces.set(ref, span.context)
  if (span.context.sampled) span.set({ 'workflow.name': workflow, 'workflow.id': run })
  return span
}

class Workflows {
  readonly #executions: Series
  readonly #errors: Series
  readonly #durations: Series
  readonly #known = new Map<string, Workflow>()

  constructor(meter: Meter) {
    this.#executions = meter.counter({
      name: 'toolhive_vmcp_workflow_executions',
      description: 'Runs of composite tools that have ended.',
    })
    this.#errors = meter.counter({
      name: 'toolhive_vmcp_workflow_errors',
      description: 'Runs of composite tools that failed or took too long.',
    })
    this.#durations = meter.timing({
      name: 'toolhive_vmcp_workflow_duration',
      description: 'Time that runs of composite tools take.',
    })
  }

  record({ workflow, error }: RunSeen, seconds: number): void {
    const known = this.#of(workflow)
    known.execution(1)
    known.duration(seconds)
    if (error !== undefined) known.error(1)
  }

  #of(workflow: string): Workflow {
    const known = this.#known.get(workflow)
    if (known !== undefined) return known
    const attributes = { 'workflow.name': workflow }
    const made = {
      execution: this.#executions(attributes),
      error: this.#errors(attributes),
      duration: this.#durations(attributes),
    }
    this.#known.set(workflow, made)
    return made
  }
}
