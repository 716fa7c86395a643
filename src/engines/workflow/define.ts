import { DEFAULTS } from './limits.ts'
import type {
  ElicitationStep,
  ForEachStep,
  InnerStep,
  OnError,
  OutputSpec,
  Step,
  ToolStep,
  Workflow,
} from './model.ts'

export interface WorkflowDraft {
  readonly name: string
  readonly steps: readonly StepDraft[]
  readonly timeoutMs?: number | undefined
  readonly maxParallel?: number | undefined
  readonly output?: OutputSpec | undefined
}

/** What an author must say of a step, and what may be left out. */
type Draft<T, Needed extends keyof T> = Pick<T, Needed> & {
  readonly [Key in Exclude<keyof T, 'onError'>]?: T[Key] | undefined
} & { readonly onError?: OnErrorDraft | undefined }

type OnErrorDraft =
  | Exclude<OnError, { action: 'retry' }>
  | { readonly action: 'retry'; readonly retryCount: number; readonly retryDelayMs?: number | undefined }

export type ToolDraft = Draft<ToolStep, 'id' | 'tool'>
export type ElicitationDraft = Draft<ElicitationStep, 'id' | 'type' | 'message' | 'schema'>
export type InnerDraft = Draft<InnerStep, 'tool'>
export type ForEachDraft = Draft<Omit<ForEachStep, 'step'>, 'id' | 'type' | 'collection'> & {
  readonly step: InnerDraft
}
export type StepDraft = ToolDraft | ElicitationDraft | ForEachDraft

/** Fills in the defaults; zero is as good as nothing. Nothing is checked. */
export function defineWorkflow(draft: WorkflowDraft): Workflow {
  return {
    ...draft,
    timeoutMs: draft.timeoutMs || DEFAULTS.workflowTimeoutMs,
    maxParallel: draft.maxParallel || DEFAULTS.maxParallel,
    steps: draft.steps.map(defineStep),
  }
}

function defineStep(draft: StepDraft): Step {
  switch (draft.type) {
    case 'elicitation':
      return {
        ...draft,
        dependsOn: draft.dependsOn ?? [],
        onError: defineOnError(draft.onError),
        timeoutMs: draft.timeoutMs || DEFAULTS.elicitationTimeoutMs,
        onDecline: draft.onDecline ?? 'abort',
        onCancel: draft.onCancel ?? 'abort',
      }
    case 'forEach':
      return {
        ...draft,
        dependsOn: draft.dependsOn ?? [],
        onError: defineOnError(draft.onError),
        timeoutMs: draft.timeoutMs || DEFAULTS.stepTimeoutMs,
        itemVar: draft.itemVar || DEFAULTS.itemVar,
        maxIterations: draft.maxIterations || DEFAULTS.maxIterations,
        maxParallel: draft.maxParallel || DEFAULTS.maxParallelIterations,
        step: defineCall(draft.step),
      }
    default:
      return { id: draft.id, dependsOn: draft.dependsOn ?? [], type: 'tool', ...defineCall(draft) }
  }
}

function defineCall(draft: InnerDraft): InnerStep {
  return {
    tool: draft.tool,
    arguments: draft.arguments ?? {},
    condition: draft.condition,
    onError: defineOnError(draft.onError),
    timeoutMs: draft.timeoutMs || DEFAULTS.stepTimeoutMs,
    defaultResults: draft.defaultResults,
  }
}

function defineOnError(draft: OnErrorDraft | undefined): OnError {
  if (draft?.action !== 'retry') return draft ?? { action: 'abort' }
  return { ...draft, retryDelayMs: draft.retryDelayMs || DEFAULTS.retryDelayMs }
}
