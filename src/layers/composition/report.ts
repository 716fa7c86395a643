import type { JsonObject } from '../../core/catalog.ts'
import type { Outcome, StepReport } from '../../engines/workflow/index.ts'
import type { Exposed } from './exposure.ts'

/** The key of `_meta` under which a result tells how the run went (MCP 2025-11-25, basic, General fields: _meta). */
export const REPORT = 'dev.vmcp/report'

/** Of the JSON text of all partial results together. */
const MOST_PARTIAL = 256 * 1024

/**
 * What became of each step, in the order of declaration. Of a run that did not complete, the outputs of the
 * steps that did are its partial results; those of hidden tools stay hidden.
 */
export function reportOf(outcome: Outcome, exposed: Exposed): JsonObject {
  const { id, status, startedAt, durationMs, steps } = outcome
  const partial = status === 'completed' ? new Map<string, unknown>() : partialResults(steps, exposed)
  return {
    run: id,
    status,
    startedAt: new Date(startedAt).toISOString(),
    durationMs,
    ...(outcome.status === 'completed' &&
      outcome.cutShortBy !== undefined && { cutShortBy: outcome.cutShortBy }),
    steps: steps.map((step) => ({
      ...rowOf(step),
      ...(partial.has(step.id) && { output: partial.get(step.id) }),
    })),
  }
}

function rowOf(step: StepReport): JsonObject {
  const { id, type, tool, status } = step
  const row = { id, type, ...(tool !== undefined && { tool }), status }
  switch (step.status) {
    case 'pending':
    case 'running':
      return row
    case 'skipped':
      return { ...row, because: step.because }
    case 'completed':
      return { ...row, ...timing(step), ...(step.action !== undefined && { action: step.action }) }
    case 'failed':
      return { ...row, ...timing(step), error: step.error, continued: step.continued }
    case 'cancelled':
      return { ...row, ...timing(step) }
  }
}

function timing(step: {
  readonly startedAt: number
  readonly durationMs: number
  readonly attempts: number
}) {
  const { startedAt, durationMs, attempts } = step
  return { startedAt: new Date(startedAt).toISOString(), durationMs, attempts }
}

function partialResults(steps: readonly StepReport[], { tools }: Exposed): ReadonlyMap<string, unknown> {
  const results = new Map<string, unknown>()
  let left = MOST_PARTIAL
  for (const step of steps) {
    const isHidden = step.tool !== undefined && tools.get(step.tool)?.hidden !== false
    if (step.status !== 'completed' || isHidden) continue
    left -= JSON.stringify(step.output).length
    if (left >= 0) results.set(step.id, step.output)
  }
  return results
}
