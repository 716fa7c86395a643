import type { JsonObject } from '../../core/catalog.ts'
import type { EndEvent } from './end-event.ts'
import type { RunEvent, StepEvent, WorkflowEvent } from './events.ts'
import type { Step } from './model.ts'
import type { Ports } from './ports.ts'
import { viewOf } from './scope.ts'
import type { StepReport, StepState } from './state.ts'

export interface RunIdentity {
  readonly id: string
  readonly workflow: string
}

/** Where every step of one run stands, and the telling of it. */
export class Ledger {
  readonly #run: RunIdentity
  readonly #steps: readonly Step[]
  readonly #states: Map<string, StepState>
  /** Of steps that have ended, made once for all templates. */
  readonly #views = new Map<string, JsonObject>()
  readonly #ports: Pick<Ports, 'onEvent'> & Required<Pick<Ports, 'clock'>>

  constructor(run: RunIdentity, steps: readonly Step[], ports: Ports & Required<Pick<Ports, 'clock'>>) {
    this.#run = run
    this.#steps = steps
    this.#ports = ports
    this.#states = new Map(steps.map((step) => [step.id, { status: 'pending' }]))
  }

  get states(): ReadonlyMap<string, StepState> {
    return this.#states
  }

  /** What templates see of those of these steps that have ended. */
  views(ids: Iterable<string>): [string, JsonObject][] {
    const views: [string, JsonObject][] = []
    for (const id of ids) {
      const view = this.#views.get(id)
      if (view !== undefined) views.push([id, view])
    }
    return views
  }

  /** Keeps the end of a step, from this run or an earlier one. */
  recall(step: Step, state: StepState): void {
    this.#states.set(step.id, state)
    this.#views.set(step.id, viewOf(state))
  }

  begin(step: Step): number {
    const startedAt = this.#ports.clock.now()
    this.#states.set(step.id, { status: 'running', startedAt })
    this.report(step, { type: 'step_started' })
    return startedAt
  }

  end(step: Step, event: EndEvent): void {
    this.recall(step, event.state)
    this.report(step, event)
  }

  report(step: Step, event: StepEvent): void {
    const facts = this.#facts({ step: step.id, stepType: step.type, tool: toolOf(step) })
    this.#emit(Object.assign(facts, event))
  }

  publish(event: WorkflowEvent): void {
    this.#emit(Object.assign(this.#facts({}), event))
  }

  /** In the order of declaration. */
  reports(): StepReport[] {
    return this.#steps.map((step) => {
      const state = this.#states.get(step.id) ?? { status: 'pending' }
      return { id: step.id, type: step.type, tool: toolOf(step), ...state }
    })
  }

  /** Several for each step of each run: of one shape, and never copied. */
  #facts<T extends object>(more: T) {
    const { id, workflow } = this.#run
    const at = this.#ports.clock.now()
    const facts = { run: id, workflow, at, done: this.#views.size, total: this.#steps.length }
    return Object.assign(facts, more)
  }

  #emit(event: RunEvent): void {
    try {
      this.#ports.onEvent?.(event)
    } catch {
      // Whoever watches a run cannot break it.
    }
  }
}

function toolOf(step: Step): string | undefined {
  switch (step.type) {
    case 'tool':
      return step.tool
    case 'forEach':
      return step.step.tool
    case 'elicitation':
      return undefined
  }
}
