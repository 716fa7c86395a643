import type { RequestRef } from '../../core/call.ts'
import type { Meter, Recorder, Series } from '../../core/meter.ts'
import type { Span, Tracer } from '../../core/trace.ts'
import type { RunSeen, RunStep, RunWitness } from '../../core/witness.ts'
import { traceOf } from './trace-of.ts'

export interface RunsOptions {
  readonly meter: Meter | undefined
  readonly tracer: Tracer | undefined
}

interface Workflow {
  readonly execution: Recorder
  readonly error: Recorder
  readonly duration: Recorder
}

/** Counts, times and traces the runs of composite tools. */
export function runWitness({ meter, tracer }: RunsOptions): RunWitness {
  const workflows = meter && new Workflows(meter)
  const spans = tracer && new RunSpans(tracer)
  return (seen) => {
    spans?.see(seen)
    if (isEnd(seen)) workflows?.record(seen, (seen.durationMs ?? 0) / 1000)
  }
}

function isEnd({ type, step, durationMs }: RunSeen): boolean {
  return type !== 'workflow_started' && step === undefined && durationMs !== undefined
}

/** Of one run that is under way. */
interface Course {
  readonly span: Span
  /** Of the steps that are under way, by their ids. */
  readonly steps: Map<string, Span>
}

/** A span for each run, below that of the request, and in it one for each of its steps. */
class RunSpans {
  readonly #tracer: Tracer
  readonly #runs = new Map<RequestRef | string, Course>()

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  see(seen: RunSeen): void {
    if (seen.type === 'workflow_started') this.#begin(seen)
    else if (seen.step === undefined) this.#end(seen)
    else if (seen.type === 'step_started') this.#beginStep(seen, seen.step)
    else if (seen.type !== 'step_retrying') this.#endStep(seen, seen.step)
  }

  #begin({ ref, run, workflow }: RunSeen): void {
    const span = this.#open('core.ExecuteWorkflow', ref)
    if (span.context.sampled) span.set({ 'workflow.name': workflow, 'workflow.id': run })
    this.#runs.set(ref ?? run, { span, steps: new Map() })
  }

  #end({ ref, run, error }: RunSeen): void {
    const course = this.#runs.get(ref ?? run)
    this.#runs.delete(ref ?? run)
    // Steps that were cut off are told of with the run.
    for (const span of course?.steps.values() ?? []) span.end()
    course?.span.end(failureOf(error))
  }

  #beginStep({ ref, run, stepRef, workflow }: RunSeen, { id, type, tool }: RunStep): void {
    const course = this.#runs.get(ref ?? run)
    if (course === undefined) return
    const span = this.#open('core.ExecuteWorkflowStep', stepRef)
    if (span.context.sampled)
      span.set({
        'workflow.name': workflow,
        'workflow.id': run,
        'workflow.step.id': id,
        'workflow.step.type': type,
        tool_name: tool,
      })
    course.steps.set(id, span)
  }

  #endStep({ ref, run, error }: RunSeen, { id }: RunStep): void {
    const steps = this.#runs.get(ref ?? run)?.steps
    steps?.get(id)?.end(failureOf(error))
    steps?.delete(id)
  }

  #open(name: string, ref: RequestRef | undefined): Span {
    const span = this.#tracer.begin({ name, kind: 'internal', parent: traceOf(ref) })
    if (ref !== undefined) ref.trace = span.context
    return span
  }
}

function failureOf(error: RunSeen['error']) {
  return error && { type: error.code, message: error.message }
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
