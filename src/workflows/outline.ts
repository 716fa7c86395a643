import type { CompositeToolConfig } from '../core/composite.ts'
import {
  defineWorkflow,
  type InnerStep,
  type OnError,
  plan,
  type Refusal,
  type Step,
} from '../engines/workflow/index.ts'

/** What a composite tool does, as far as its configuration tells. Times are in milliseconds. */
export interface Outline {
  readonly name: string
  readonly description: string
  /** In the order of declaration. */
  readonly steps: readonly OutlineStep[]
  /** Ids: those of one wave wait for earlier waves only, and may run at the same time. */
  readonly waves: readonly (readonly string[])[]
  readonly timeoutMs: number
}

export interface OutlineStep {
  readonly id: string
  readonly type: Step['type']
  readonly dependsOn: readonly string[]
  readonly condition: string | undefined
  readonly onError: OnError
  readonly timeoutMs: number
  /** What the step, or the step that it repeats, calls. */
  readonly tool: string | undefined
  /** Of a question. */
  readonly asks: OutlineQuestion | undefined
  /** Of a loop. */
  readonly loop: OutlineLoop | undefined
}

interface OutlineQuestion {
  readonly message: string
  readonly onDecline: Refusal
  readonly onCancel: Refusal
}

interface OutlineLoop {
  readonly collection: string
  readonly itemVar: string
  readonly maxParallel: number
  readonly condition: string | undefined
  /** Of each item's call. */
  readonly onError: InnerStep['onError']
}

/** `config` is without errors, as the configuration file's rules see to it. */
export function outlineOf(config: CompositeToolConfig): Outline {
  const { name, description, steps, timeoutMs } = config
  const workflow = defineWorkflow({ name, steps, timeoutMs })
  const { stages, dependencies } = plan(workflow)
  return {
    name,
    description,
    timeoutMs: workflow.timeoutMs,
    waves: stages,
    steps: workflow.steps.map((step) => outlineStep(step, dependencies.get(step.id) ?? [])),
  }
}

function outlineStep(step: Step, dependsOn: readonly string[]): OutlineStep {
  const { id, type, condition, onError, timeoutMs } = step
  return {
    id,
    type,
    dependsOn,
    condition: condition === '' ? undefined : condition,
    onError,
    timeoutMs,
    tool: step.type === 'elicitation' ? undefined : step.type === 'tool' ? step.tool : step.step.tool,
    asks: step.type === 'elicitation' ? questionOf(step) : undefined,
    loop: step.type === 'forEach' ? loopOf(step) : undefined,
  }
}

function questionOf({ message, onDecline, onCancel }: Extract<Step, { type: 'elicitation' }>) {
  return { message, onDecline, onCancel }
}

function loopOf({ collection, itemVar, maxParallel, step }: Extract<Step, { type: 'forEach' }>) {
  return { collection, itemVar, maxParallel, condition: step.condition, onError: step.onError }
}
