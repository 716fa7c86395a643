import { z } from 'zod'
import { parameters } from './parameters.ts'
import { flag, list, text } from './scalars.ts'

export const toolAnnotations = z
  .strictObject({
    title: z.string().optional().describe('Title shown to people.'),
    readOnlyHint: z.boolean().optional().describe('The tool changes nothing.'),
    destructiveHint: z.boolean().optional().describe('The tool may destroy something.'),
    idempotentHint: z.boolean().optional().describe('Calling twice is as calling once.'),
    openWorldHint: z.boolean().optional().describe('The tool reaches beyond a closed set of things.'),
  })
  .describe('Annotations; each replaces the tool’s own of that name.')

const changes = {
  title: text('New title.').optional(),
  description: text('New description.').optional(),
  annotations: toolAnnotations.optional(),
  parameters: parameters.optional(),
}

const wrapper = z
  .strictObject({ name: text('Name of the further tool.'), ...changes })
  .describe('A further tool that calls the same tool of the backend.')

const override = z
  .strictObject({
    name: text('New name.').optional(),
    ...changes,
    wrap: z
      .array(wrapper)
      .min(1)
      .optional()
      .describe('Further tools made of this one, each with parameters of its own.'),
  })
  .describe('What is changed of one tool. At least one key.')

const workload = z.strictObject({
  workload: text('Name of the backend.'),
  filter: list(
    'The tools that stay visible, by the backend’s own or by the new name. All, when empty.',
  ).optional(),
  overrides: z.record(z.string(), override).optional().describe('By the backend’s own tool name.'),
  excludeAll: flag('Hide every tool of this backend; workflows still reach them.', false),
  toolConfigRef: z
    .strictObject({ name: text('Name of the resource.') })
    .optional()
    .describe('Kubernetes resource with the filter and overrides.'),
})

export const aggregation = z
  .strictObject({
    conflictResolution: z
      .enum(['prefix', 'priority', 'manual'])
      .describe(
        'What happens to a tool name: always prefixed; kept, the first backend of an order winning; or kept, with every clash an error.',
      ),
    conflictResolutionConfig: z
      .strictObject({
        prefixFormat: text(
          'Put before names, with {workload} in the place of the backend’s name. Needed by prefix.',
        ).optional(),
        priorityOrder: list('Backend names, the first wins. Needed by priority.').optional(),
      })
      .describe('Settings of the strategy.'),
    tools: z.array(workload).optional().describe('Per backend. Needed by manual.'),
    excludeAllTools: flag('Hide every tool of every backend; workflows still reach them.', false),
    defaultToolVisibility: z
      .enum(['', 'allow', 'deny'])
      .default('allow')
      .describe('Whether the tools of backends without an entry under tools are visible.'),
  })
  .describe('How the offers of all backends become one list.')

export type AggregationInput = z.output<typeof aggregation>
