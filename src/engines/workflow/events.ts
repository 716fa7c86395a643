import type { GatewayError } from '../../core/errors.ts'
import type { Step } from './model.ts'
import type { CancelledStep, CompletedStep, FailedStep, Outcome, SkippedStep } from './state.ts'

/** What audit, traces, progress and a view of the run need to know, in the order in which it happens. */
export type RunEvent = RunFacts & (WorkflowEvent | (StepFacts & StepEvent))

interface RunFacts {
  readonly run: string
  readonly workflow: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Steps that have ended, of all. */
  readonly done: number
  readonly total: number
}

interface StepFacts {
  readonly step: string
  readonly stepType: Step['type']
  readonly tool: string | undefined
}

export type WorkflowEvent =
  | { readonly type: 'workflow_started' }
  | { readonly type: `workflow_${Outcome['status']}`; readonly outcome: Outcome }

export type StepEvent =
  | { readonly type: 'step_started' }
  | {
      readonly type: 'step_retrying'
      readonly attempt: number
      readonly delayMs: number
      readonly error: GatewayError
    }
  | {
      readonly type: 'step_iteration'
      readonly index: number
      readonly count: number
      readonly status: string
    }
  | { readonly type: 'step_completed'; readonly state: CompletedStep }
  /** `error` has the cause, for the log. */
  | { readonly type: 'step_failed'; readonly state: FailedStep; readonly error: GatewayError }
  | { readonly type: 'step_skipped'; readonly state: SkippedStep }
  | { readonly type: 'step_cancelled'; readonly state: CancelledStep }
