import { realSignal } from '../../core/abort.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { seconds } from './attempt.ts'
import { settle, withDeadline } from './cancel.ts'
import { isWithinDepth, textOf } from './json.ts'
import { LIMITS } from './limits.ts'
import type { ElicitationStep } from './model.ts'
import type { Answer } from './ports.ts'
import { expand, type StepContext, type StepResult } from './step-context.ts'

/** Asks a person once. Silence until the timeout is an answer too, and `onCancel` says what it means. */
export async function elicitStep(step: ElicitationStep, context: StepContext): Promise<StepResult> {
  const answer = await ask(step, context)
  if (answer.action === 'accept') {
    const content = bounded(answer.content ?? {})
    return { kind: 'done', output: { action: 'accept', content }, content, action: 'accept' }
  }
  return refused(step, answer.action)
}

type Reply = Answer | { readonly action: 'timeout' }

async function ask(step: ElicitationStep, context: StepContext): Promise<Reply> {
  const { ports } = context
  const message = textOf(expand(step.message, 'message', context))
  const silence = new GatewayError('timeout', 'nobody answered in time')
  const limit = { parent: context.signal, ms: patience(step), clock: ports.clock, late: () => silence }
  try {
    return await withDeadline(limit, (signal) =>
      settle(
        ports.elicit({ step: step.id, message, schema: step.schema, signal: realSignal(signal) }),
        signal,
        ports.clock,
      ),
    )
  } catch (error) {
    if (error === silence) return { action: 'timeout' }
    throw error
  }
}

function patience(step: ElicitationStep): number {
  return Math.min(step.timeoutMs, LIMITS.elicitationTimeoutMs)
}

function refused(step: ElicitationStep, action: 'decline' | 'cancel' | 'timeout'): StepResult {
  const handler = action === 'decline' ? step.onDecline : step.onCancel
  switch (handler) {
    case 'continue':
      return { kind: 'done', output: { action }, action }
    case 'skip_remaining':
      return { kind: 'done', output: { action, skipped: true }, action, skipRemaining: true }
    case 'abort':
      return { kind: 'refused', error: refusal(step, action) }
  }
}

function refusal(step: ElicitationStep, action: 'decline' | 'cancel' | 'timeout'): GatewayError {
  switch (action) {
    case 'decline':
      return new GatewayError('cancelled', 'the request was declined')
    case 'cancel':
      return new GatewayError('cancelled', 'the request was cancelled')
    case 'timeout':
      return new GatewayError('timeout', `timeout: nobody answered within ${seconds(patience(step))}`)
  }
}

function bounded(content: JsonObject): JsonObject {
  if (!isWithinDepth(content, LIMITS.answerDepth)) {
    throw new GatewayError('too_large', `the answer nests deeper than ${LIMITS.answerDepth} levels`)
  }
  if (JSON.stringify(content).length > LIMITS.answerCharacters) {
    throw new GatewayError('too_large', `the answer is longer than ${LIMITS.answerCharacters} characters`)
  }
  return content
}
