import { attempt, attemptWithin } from './attempt.ts'
import { elicitStep } from './elicitation-step.ts'
import { forEachStep } from './for-each-step.ts'
import type { Step } from './model.ts'
import type { StepContext, StepEnd } from './step-context.ts'
import { callStep } from './tool-step.ts'

/** Runs a step to its end. Of an elicitation, the timeout is for each answer and means `onCancel`. */
export function runStep(step: Step, context: StepContext): Promise<StepEnd> {
  switch (step.type) {
    case 'tool':
      return attemptWithin(step, (each) => callStep(step.id, step, each), context)
    case 'forEach':
      return attemptWithin(step, (each) => forEachStep(step, each), context)
    case 'elicitation':
      return attempt(step, (each) => elicitStep(step, each), context)
  }
}
