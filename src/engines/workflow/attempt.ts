import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { withDeadline } from './cancel.ts'
import { DEFAULTS, LIMITS } from './limits.ts'
import type { OnError, Step } from './model.ts'
import type { StepContext, StepEnd, StepResult } from './step-context.ts'

type Body = (context: StepContext) => Promise<StepResult>

/** Runs the body of a step until it succeeds or its retries are used up. Never throws. */
export async function attempt(
  step: Pick<Step, 'onError'>,
  body: Body,
  context: StepContext,
): Promise<StepEnd> {
  for (let attempts = 1; ; attempts++) {
    const result = await caught(() => body({ ...context, attempt: attempts }))
    if (result.kind !== 'failed') return { ...result, attempts }
    if (attempts > retriesOf(step.onError) || !isWorthRetrying(result.error)) return { ...result, attempts }
    const delayMs = retryDelay(step.onError, attempts, context.ports.random())
    context.report({ type: 'step_retrying', attempt: attempts, delayMs, error: result.error })
    await context.ports.clock.sleep(delayMs, context.signal)
    if (context.signal.aborted)
      return { ...result, error: GatewayError.from(context.signal.reason), attempts }
  }
}

/** As `attempt`, with the time that all attempts together may take. */
export async function attemptWithin(
  step: Pick<Step, 'onError' | 'timeoutMs'>,
  body: Body,
  context: StepContext,
): Promise<StepEnd> {
  const late = () => new GatewayError('timeout', `timeout: it took longer than ${seconds(step.timeoutMs)}`)
  const { clock } = context.ports
  return withDeadline({ parent: context.signal, ms: step.timeoutMs, clock, late }, (signal) =>
    attempt(step, body, { ...context, signal }),
  )
}

export function seconds(ms: number): string {
  return `${ms / 1000} s`
}

async function caught(body: () => Promise<StepResult>): Promise<StepResult> {
  try {
    return await body()
  } catch (error) {
    return { kind: 'failed', error: GatewayError.from(error) }
  }
}

function retriesOf(onError: OnError): number {
  return onError.action === 'retry' ? Math.min(onError.retryCount, LIMITS.retries) : 0
}

/** Asking again changes nothing about these. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'cancelled',
  'capability_required',
  'config',
  'denied',
  'invalid_params',
  'not_found',
  'unauthenticated',
])

function isWorthRetrying(error: GatewayError): boolean {
  return !FINAL.has(error.code)
}

/**
 * The delay before the next attempt: the first delay, doubled after each further failure, up to 60 times the
 * first, then moved by up to a quarter either way.
 */
function retryDelay(onError: OnError, attempts: number, random: number): number {
  const first = onError.action === 'retry' ? onError.retryDelayMs : DEFAULTS.retryDelayMs
  const doubled = Math.min(first * 2 ** (attempts - 1), first * LIMITS.retryGrowth)
  return Math.round(doubled * (0.75 + random / 2))
}
