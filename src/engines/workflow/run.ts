import { randomUUID } from 'node:crypto'
import type { LightController, Signal } from '../../core/abort.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { seconds } from './attempt.ts'
import { scoped, withDeadline } from './cancel.ts'
import { defaultOutput } from './default-output.ts'
import { endEvent } from './end-event.ts'
import { shorten } from './json.ts'
import { Ledger } from './ledger.ts'
import type { Step, Workflow } from './model.ts'
import { buildOutput } from './output.ts'
import { assertRunnable, type Plan, plan } from './plan.ts'
import { walk } from './schedule.ts'
import { type TemplateData, templateData } from './scope.ts'
import type { EndedState, Outcome, Unfinished } from './state.ts'
import { runStep } from './step.ts'
import { holds, type RunPorts, type StepContext, type StepEnd } from './step-context.ts'

export interface RunRequest {
  readonly workflow: Workflow
  /** Checked against their schema, defaults filled in. */
  readonly params: JsonObject
  readonly earlier?: EarlierRun | undefined
}

/** A run that was interrupted, from what was kept of it. */
export interface EarlierRun {
  readonly id: string
  readonly startedAt: number
  /** These steps are not run again; one that was under way is, and one whose failure ended the run. */
  readonly ended: ReadonlyMap<string, EndedState>
}

/** Why a run ends before its last step. The first cause counts. */
interface Stop {
  readonly status: Unfinished['status']
  readonly error: GatewayError
}

/** One run of a workflow. */
export class Run {
  readonly #workflow: Workflow
  readonly #params: JsonObject
  readonly #ports: RunPorts
  readonly #plan: Plan
  readonly #id: string
  readonly #startedAt: number
  readonly #startTime: string
  readonly #ledger: Ledger
  #stop: Stop | undefined
  #cutShortBy: string | undefined

  /** @throws GatewayError `config` when the workflow is no graph that can run */
  constructor({ workflow, params, earlier }: RunRequest, ports: RunPorts) {
    this.#workflow = workflow
    this.#params = params
    this.#ports = ports
    this.#plan = plan(workflow)
    assertRunnable(workflow, this.#plan)
    this.#id = earlier?.id ?? randomUUID()
    this.#startedAt = earlier?.startedAt ?? ports.clock.now()
    this.#startTime = new Date(this.#startedAt).toISOString()
    this.#ledger = new Ledger({ id: this.#id, workflow: workflow.name }, this.#plan.steps, ports)
    for (const step of this.#plan.steps) this.#recall(step, earlier?.ended.get(step.id))
  }

  async execute(signal: AbortSignal): Promise<Outcome> {
    this.#ledger.publish({ type: 'workflow_started' })
    await withDeadline(this.#deadline(signal), (limited) =>
      scoped(limited, async (control) => {
        await this.#walk(control)
        if (limited.aborted) this.#stop ??= interruption(signal, limited)
      }),
    )
    if (this.#cutShortBy !== undefined && this.#stop === undefined) this.#skipTheRest()
    const outcome = this.#outcome()
    this.#ledger.publish({ type: `workflow_${outcome.status}`, outcome })
    return outcome
  }

  #deadline(parent: AbortSignal) {
    const { name, timeoutMs } = this.#workflow
    const what = `timeout: workflow '${name}' took longer than ${seconds(timeoutMs)}`
    return { parent, ms: timeoutMs, clock: this.#ports.clock, late: () => new GatewayError('timeout', what) }
  }

  #walk(control: LightController): Promise<void> {
    return walk({
      plan: this.#plan,
      maxParallel: this.#workflow.maxParallel,
      start: (step) => this.#step(step, control),
      halted: () => control.signal.aborted || this.#cutShortBy !== undefined,
    })
  }

  async #step(step: Step, control: LightController): Promise<void> {
    if (this.#ledger.states.get(step.id)?.status !== 'pending') return
    const context = this.#context(step, control.signal)
    const verdict = judge(step, context)
    if (verdict === false) return this.#skip(step, 'condition')
    const startedAt = this.#ledger.begin(step)
    const end = verdict === true ? await runStep(step, context) : verdict
    const durationMs = Math.round(this.#ports.clock.now() - startedAt)
    const event = endEvent(step, end, { startedAt, durationMs, signal: control.signal })
    if (end.kind === 'done' && end.skipRemaining === true) this.#cutShortBy ??= step.id
    this.#ledger.end(step, event)
    if (event.type !== 'step_failed' || event.state.continued) return
    this.#stop ??= { status: 'failed', error: within(`step '${step.id}'`, event.error) }
    control.abort(new GatewayError('cancelled', 'the workflow has ended'))
  }

  /** A refusal that was to skip the rest still does. */
  #recall(step: Step, state: EndedState | undefined): void {
    if (state === undefined || (state.status === 'failed' && !state.continued)) return
    this.#ledger.recall(step, state)
    const refused = state.status === 'completed' && state.action !== undefined && state.action !== 'accept'
    if (refused && state.output['skipped'] === true) this.#cutShortBy ??= step.id
  }

  #context(step: Step, signal: Signal): StepContext {
    return {
      ports: this.#ports,
      data: this.#data('running', this.#plan.ancestors.get(step.id) ?? []),
      signal,
      attempt: 1,
      iteration: undefined,
      report: (event) => this.#ledger.report(step, event),
    }
  }

  /** Templates of a step see the steps that it waits for and no others: what they say is no matter of timing. */
  #data(status: 'running' | 'completed', steps: Iterable<string>): TemplateData {
    const run = {
      id: this.#id,
      params: this.#params,
      startTime: this.#startTime,
      durationMs: this.#ports.clock.now() - this.#startedAt,
      stepCount: this.#plan.steps.length,
      status,
    }
    return templateData(run, this.#ledger.views(steps))
  }

  #skip(step: Step, because: 'condition' | 'skip_remaining'): void {
    const state = { status: 'skipped', because, output: step.defaultResults } as const
    this.#ledger.end(step, { type: 'step_skipped', state })
  }

  #skipTheRest(): void {
    for (const step of this.#plan.steps) {
      if (this.#ledger.states.get(step.id)?.status === 'pending') this.#skip(step, 'skip_remaining')
    }
  }

  #outcome(): Outcome {
    const result = this.#stop ?? this.#complete()
    const ended = {
      id: this.#id,
      startedAt: this.#startedAt,
      durationMs: Math.round(this.#ports.clock.now() - this.#startedAt),
      steps: this.#ledger.reports(),
    }
    if (result.status === 'completed') return { ...ended, ...result, cutShortBy: this.#cutShortBy }
    return { ...ended, ...result, error: within('Workflow execution failed', result.error) }
  }

  #complete(): Stop | { readonly status: 'completed'; readonly output: JsonObject } {
    const spec = this.#workflow.output
    const { states } = this.#ledger
    if (spec === undefined) return { status: 'completed', output: defaultOutput(this.#plan, states) }
    const { templates } = this.#ports
    const data = this.#data('completed', states.keys())
    const partial = this.#cutShortBy !== undefined
    try {
      return { status: 'completed', output: buildOutput(spec, { templates, data, partial }) }
    } catch (error) {
      return { status: 'failed', error: GatewayError.from(error) }
    }
  }
}

/** Whether a step shall run; a condition that cannot be told is a failure of the step. */
function judge(step: Step, context: StepContext): boolean | StepEnd {
  try {
    return holds(step.condition, context)
  } catch (error) {
    return { kind: 'failed', error: GatewayError.from(error), attempts: 0 }
  }
}

function interruption(signal: Signal, limited: Signal): Stop {
  if (!signal.aborted) return { status: 'timed_out', error: GatewayError.from(limited.reason) }
  const { reason } = signal
  const why = reason instanceof GatewayError ? reason.message : 'the workflow was cancelled'
  return { status: 'cancelled', error: new GatewayError('cancelled', why, { cause: reason }) }
}

function within(place: string, error: GatewayError): GatewayError {
  return new GatewayError(error.code, `${place}: ${shorten(error.message)}`, { cause: error })
}
