import type {
  CompositeCall,
  CompositeOnError,
  CompositeStep,
  CompositeToolConfig,
} from '../core/composite.ts'
import type { ConfigInput } from './schema/root.ts'

type ToolInput = NonNullable<ConfigInput['compositeTools']>[number]
type StepInput = ToolInput['steps'][number]
type CallInput = Omit<NonNullable<StepInput['step']>, 'type'>

/** Composite tools without errors, as the program uses them. Times that are zero count as absent there. */
export function toCompositeTools(tools: readonly ToolInput[]): CompositeToolConfig[] {
  return tools.map(({ name, description, parameters, timeout, steps, output, annotations }) => ({
    name,
    description,
    parameters,
    timeoutMs: timeout,
    steps: steps.map(toStep),
    output,
    annotations,
  }))
}

/** The rules see to it that a step has what its type needs. */
function toStep(input: StepInput): CompositeStep {
  const { id, dependsOn, message = '', schema = {}, collection = '' } = input
  switch (input.type) {
    case 'elicitation': {
      const onDecline = input.onDecline?.action
      const onCancel = input.onCancel?.action
      return { type: 'elicitation', id, dependsOn, ...guards(input), message, schema, onDecline, onCancel }
    }
    case 'forEach': {
      const { itemVar, maxParallel, maxIterations } = input
      const step = toCall(input.step ?? {})
      const loop = { collection, itemVar, maxParallel, maxIterations, step }
      return { type: 'forEach', id, dependsOn, ...guards(input), ...loop }
    }
    default:
      return { type: 'tool', id, dependsOn, ...toCall(input) }
  }
}

function toCall(input: CallInput): CompositeCall {
  return { tool: input.tool ?? '', arguments: input.arguments, ...guards(input) }
}

function guards({ condition, onError, timeout, defaultResults }: CallInput) {
  return { condition, onError: onError && toOnError(onError), timeoutMs: timeout, defaultResults }
}

function toOnError({ action, retryCount, retryDelay }: NonNullable<CallInput['onError']>): CompositeOnError {
  if (action !== 'retry') return { action }
  return { action, retryCount: retryCount ?? 1, retryDelayMs: retryDelay }
}
