import type { JsonObject } from '../../core/catalog.ts'
import type { ErrorCode, GatewayError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { Step } from './model.ts'

/** Where a step stands. Plain data, so that it can be stored. Times are milliseconds since the epoch. */
export type StepState =
  | { readonly status: 'pending' }
  | { readonly status: 'running'; readonly startedAt: number }
  | CompletedStep
  | FailedStep
  | SkippedStep
  | CancelledStep

/** A state that does not change any more. */
export type EndedState = CompletedStep | FailedStep | SkippedStep

/** Whether plain data, as they were stored, are such a state, as far as a run that goes on looks at them. */
export function isEnded(state: unknown): state is EndedState {
  if (!isObject(state)) return false
  switch (state['status']) {
    case 'completed':
      return isObject(state['output'])
    case 'failed':
      return isObject(state['error']) && typeof state['continued'] === 'boolean'
    case 'skipped':
      return typeof state['because'] === 'string'
    default:
      return false
  }
}

interface Timed {
  readonly startedAt: number
  readonly durationMs: number
  readonly attempts: number
}

export interface CompletedStep extends Timed {
  readonly status: 'completed'
  readonly output: JsonObject
  /** A tool's content blocks by name, or what a person answered. */
  readonly content?: JsonObject | undefined
  /** How a person answered. */
  readonly action?: string | undefined
}

export interface FailedStep extends Timed {
  readonly status: 'failed'
  readonly error: StepError
  /** Whether the workflow went on, with `output` from the default results. */
  readonly continued: boolean
  readonly output?: JsonObject | undefined
  /** What a forEach had done until then. */
  readonly partial?: JsonObject | undefined
}

export interface SkippedStep {
  readonly status: 'skipped'
  readonly because: 'condition' | 'skip_remaining'
  readonly output?: JsonObject | undefined
}

/** Under way when the workflow ended. */
export interface CancelledStep extends Timed {
  readonly status: 'cancelled'
  readonly partial?: JsonObject | undefined
}

export interface StepError {
  readonly code: ErrorCode
  readonly message: string
}

/** What became of one step. */
export type StepReport = StepState & {
  readonly id: string
  readonly type: Step['type']
  readonly tool?: string | undefined
}

export type Outcome = Completed | Unfinished

interface Ended {
  readonly id: string
  readonly startedAt: number
  readonly durationMs: number
  /** In the order of declaration. Holds the partial results of a run that did not complete. */
  readonly steps: readonly StepReport[]
}

interface Completed extends Ended {
  readonly status: 'completed'
  readonly output: JsonObject
  /** The elicitation after whose refusal the rest was skipped. */
  readonly cutShortBy?: string | undefined
}

export interface Unfinished extends Ended {
  readonly status: 'failed' | 'timed_out' | 'cancelled'
  readonly output?: undefined
  /** Its message is for the client: `Workflow execution failed: …`. */
  readonly error: GatewayError
}
