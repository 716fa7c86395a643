import { z } from 'zod'
import { toolAnnotations } from './aggregation.ts'
import { count, duration, freeMap, list, MAY_BE_ZERO, text } from './scalars.ts'

const onError = z
  .strictObject({
    action: z
      .enum(['abort', 'continue', 'retry'])
      .default('abort')
      .describe('What a failure does to the workflow.'),
    retryCount: z.int().optional().describe('How often retry tries again; at least 1, at most 10.'),
    retryDelay: duration('Wait before the first retry.', MAY_BE_ZERO).optional(),
  })
  .describe('What happens when the step fails.')

function onRefusal(description: string) {
  return z
    .strictObject({ action: z.enum(['abort', 'continue', 'skip_remaining']).describe('What follows.') })
    .optional()
    .describe(description)
}

const stepFields = {
  tool: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, { error: 'expected the name of a tool, or workload.tool' })
    .optional()
    .describe('The tool to call: an advertised name, or workload.tool.'),
  arguments: freeMap('Arguments; text in them may hold templates.').optional(),
  condition: text('Template that renders true or false; false skips the step.').optional(),
  dependsOn: list('Ids of steps that come before.').optional(),
  onError: onError.optional(),
  message: text('What the user is asked; a template. For elicitation.').optional(),
  schema: freeMap('JSON Schema of the answer. For elicitation.').optional(),
  timeout: duration('Of this step, retries included; 5m when absent.', MAY_BE_ZERO).optional(),
  onDecline: onRefusal('When the user declines.'),
  onCancel: onRefusal('When the user cancels, or does not answer.'),
  defaultResults: freeMap('Output of the step when it is skipped or fails.').optional(),
}

const innerStep = z
  .strictObject({
    id: text('Name of the step.').optional(),
    type: z.literal('tool').optional().describe('Only tool steps can be repeated.'),
    ...stepFields,
  })
  .describe('The step that forEach repeats.')

const step = z.strictObject({
  id: text('Unique name of the step.'),
  type: z
    .enum(['tool', 'elicitation', 'forEach'])
    .optional()
    .describe('Calls a tool, asks the user, or repeats a step; tool when absent and tool is given.'),
  ...stepFields,
  collection: text('Template that renders a JSON list. For forEach.').optional(),
  itemVar: text('Name of the current item in templates; item when absent. For forEach.').optional(),
  maxParallel: count('Iterations at a time; 10 when absent.', 0, 50).optional(),
  maxIterations: count('More items than this fail the step; 100 when absent.', 0, 1000).optional(),
  step: innerStep.optional(),
})

const outputProperty = z.strictObject({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'object', 'array']).describe('JSON type.'),
  description: text('What it is.'),
  value: text('Template of the value. Either this or, for objects, properties.').optional(),
  get properties() {
    return z.record(z.string(), outputProperty).optional().describe('Members of an object.')
  },
  default: z.unknown().optional().describe('Used when the value cannot be had.'),
})

const output = z
  .strictObject({
    properties: z.record(z.string(), outputProperty).describe('Members of the result.'),
    required: list('Members that must be there.').optional(),
  })
  .describe('The result; that of the last step when absent.')

const compositeTool = z.strictObject({
  name: text('Unique name of the tool.'),
  description: text('What the tool does, for the model.'),
  parameters: freeMap('JSON Schema of the arguments, with type: object.').optional(),
  timeout: duration('Of the whole; 30m when absent.', MAY_BE_ZERO).optional(),
  steps: z
    .array(step)
    .min(1)
    .describe('The steps. Those that do not depend on each other run at the same time.'),
  output: output.optional(),
  annotations: toolAnnotations.optional(),
})

export const compositeTools = z.array(compositeTool).optional().describe('Tools made of several calls.')

export const compositeToolRefs = z
  .array(z.strictObject({ name: text('Name of the resource.') }))
  .optional()
  .describe('Kubernetes resources that define composite tools. Passed over outside of Kubernetes.')
