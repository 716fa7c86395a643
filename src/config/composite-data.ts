import type { JsonObject } from '../core/catalog.ts'
import { isObject } from '../core/json.ts'

/** What is known of a step before it runs. */
export interface StepFacts {
  readonly id: string
  readonly type: 'tool' | 'elicitation' | 'forEach'
  /** Of the answer that an elicitation asks for. */
  readonly schema?: JsonObject | undefined
  /** Whether others may see its default results. */
  readonly skippable: boolean
  readonly defaultResults?: JsonObject | undefined
  /** Of the results of the tool that it calls. */
  readonly output?: JsonObject | undefined
}

/** The item of a loop, for the templates of the step that it repeats. */
export interface LoopFacts {
  readonly itemVar: string
  readonly item: JsonObject | true
}

const TEXT = { type: 'string' }
const COUNT = { type: 'integer' }

/** The JSON Schema of the data that templates of a composite tool see. */
export function dataSchema(
  parameters: JsonObject | undefined,
  steps: readonly StepFacts[],
  loop?: LoopFacts,
): JsonObject {
  const entries = steps.map((step) => [step.id, stepSchema(step)])
  return {
    type: 'object',
    properties: {
      params: { ...parameters, type: 'object' },
      steps: { type: 'object', properties: Object.fromEntries(entries) },
      vars: {},
      workflow: {
        type: 'object',
        properties: { id: TEXT, duration_ms: COUNT, step_count: COUNT, status: TEXT, start_time: TEXT },
      },
      ...(loop !== undefined && {
        forEach: { type: 'object', properties: { index: COUNT, [loop.itemVar]: loop.item } },
      }),
    },
  }
}

function stepSchema(step: StepFacts): JsonObject {
  const content = step.type === 'elicitation' ? answerSchema(step.schema) : {}
  return {
    type: 'object',
    properties: {
      status: TEXT,
      error: TEXT,
      action: TEXT,
      duration_ms: COUNT,
      content,
      output: outputSchema(step),
    },
  }
}

function outputSchema({ type, schema, skippable, defaultResults = {}, output = {} }: StepFacts): JsonObject {
  switch (type) {
    case 'tool':
      return skippable ? {} : output
    case 'elicitation':
      return skippable
        ? {}
        : {
            type: 'object',
            properties: { action: TEXT, content: answerSchema(schema), skipped: { type: 'boolean' } },
          }
    case 'forEach': {
      const own = { iterations: { type: 'array' }, count: COUNT, completed: COUNT, failed: COUNT }
      const either = [...Object.keys(own), ...Object.keys(defaultResults)].map((key) => [key, {}])
      const properties = skippable ? Object.fromEntries(either) : own
      return { type: 'object', properties, additionalProperties: false }
    }
  }
}

/** Clients answer with what they are asked for, and nothing else. */
function answerSchema(schema: JsonObject | undefined): JsonObject {
  return isObject(schema?.['properties']) ? { additionalProperties: false, ...schema, type: 'object' } : {}
}
