export { systemClock } from './clock.ts'
export { coerce } from './coerce.ts'
export type {
  ElicitationDraft,
  ForEachDraft,
  InnerDraft,
  StepDraft,
  ToolDraft,
  WorkflowDraft,
} from './define.ts'
export { defineWorkflow } from './define.ts'
export type { RunEvent, StepEvent, WorkflowEvent } from './events.ts'
export { DEFAULTS, LIMITS } from './limits.ts'
export type {
  ElicitationStep,
  ForEachStep,
  InnerStep,
  OnError,
  OutputProperty,
  OutputSpec,
  OutputType,
  Refusal,
  Step,
  ToolStep,
  Workflow,
} from './model.ts'
export { outputSchema } from './output-schema.ts'
export type { Plan, PlanProblem } from './plan.ts'
export { describeProblem, plan } from './plan.ts'
export type { Answer, Clock, ElicitRequest, Ports, Templates, ToolCallRequest, ToolOutcome } from './ports.ts'
export type { EarlierRun, RunRequest } from './run.ts'
export type { TemplateData } from './scope.ts'
export type { EndedState, Outcome, StepError, StepReport, StepState } from './state.ts'
export { isEnded } from './state.ts'
export { resumeWorkflow, runWorkflow } from './workflow.ts'
