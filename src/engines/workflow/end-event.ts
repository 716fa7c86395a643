import type { Signal } from '../../core/abort.ts'
import type { GatewayError } from '../../core/errors.ts'
import type { StepEvent } from './events.ts'
import { shorten } from './json.ts'
import type { Step } from './model.ts'
import type { StepState } from './state.ts'
import type { StepEnd } from './step-context.ts'

export type EndEvent = Extract<StepEvent, { readonly state: StepState }>

export interface EndFacts {
  readonly startedAt: number
  readonly durationMs: number
  /** The signal that every step of the run listens to. */
  readonly signal: Signal
}

/** What the end of a step's body means for the step. */
export function endEvent(step: Step, end: StepEnd, { startedAt, durationMs, signal }: EndFacts): EndEvent {
  const timing = { startedAt, durationMs, attempts: end.attempts }
  if (end.kind === 'done') {
    const { output, content, action } = end
    return { type: 'step_completed', state: { status: 'completed', ...timing, output, content, action } }
  }
  const { error } = end
  const partial = end.kind === 'failed' ? end.partial : undefined
  if (signal.aborted && comesFrom(error, signal.reason)) {
    return { type: 'step_cancelled', state: { status: 'cancelled', ...timing, partial } }
  }
  const continued = end.kind === 'failed' && step.onError.action === 'continue'
  const output = continued ? step.defaultResults : undefined
  const told = { code: error.code, message: shorten(error.message) }
  const state = { status: 'failed', ...timing, error: told, continued, output, partial } as const
  return { type: 'step_failed', state, error }
}

function comesFrom(error: GatewayError, reason: unknown): boolean {
  return error === reason || error.cause === reason
}
