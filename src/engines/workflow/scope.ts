import type { JsonObject } from '../../core/catalog.ts'
import type { StepState } from './state.ts'

export interface RunScope {
  readonly id: string
  readonly params: JsonObject
  /** ISO 8601 */
  readonly startTime: string
  readonly durationMs: number
  /** Of the definition, so that no template depends on timing. */
  readonly stepCount: number
  readonly status: 'running' | 'completed'
}

/** The value of `.` in templates. */
export type TemplateData = JsonObject

/** `steps` are views by id. */
export function templateData(run: RunScope, steps: Iterable<readonly [string, JsonObject]>): TemplateData {
  return {
    params: run.params,
    steps: Object.fromEntries(steps),
    vars: {},
    workflow: {
      id: run.id,
      duration_ms: Math.round(run.durationMs),
      step_count: run.stepCount,
      status: run.status,
      start_time: run.startTime,
    },
  }
}

/** The data of one iteration: that of the step, with `.forEach`. */
export function iterationData(data: TemplateData, itemVar: string, entry: { item: unknown; index: number }) {
  return { ...data, forEach: { index: entry.index, [itemVar]: entry.item } }
}

/** What templates see of a step. `error` is always there, so that `if .steps.a.error` may be asked of every step. */
export function viewOf(state: StepState): JsonObject {
  const { status } = state
  switch (status) {
    case 'completed':
      return {
        status,
        output: state.output,
        content: state.content ?? {},
        error: '',
        duration_ms: state.durationMs,
        ...(state.action === undefined ? {} : { action: state.action }),
      }
    case 'failed':
      return {
        status,
        output: state.output ?? null,
        content: {},
        error: state.error.message,
        duration_ms: state.durationMs,
      }
    case 'skipped':
      return { status, output: state.output ?? null, content: {}, error: '', duration_ms: 0 }
    default:
      return { status, output: null, content: {}, error: '' }
  }
}
