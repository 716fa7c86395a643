import { createHash } from 'node:crypto'
import { canonical } from '../../core/canonical.ts'
import type { JsonObject } from '../../core/catalog.ts'
import type { CompositeStep, CompositeToolConfig } from '../../core/composite.ts'
import { GatewayError } from '../../core/errors.ts'
import type { RunStep } from '../../core/witness.ts'
import type { ReadSchema, Schema } from '../../engines/schema/index.ts'
import {
  defineWorkflow,
  describeProblem,
  outputSchema,
  plan,
  type Workflow,
} from '../../engines/workflow/index.ts'

/** A composite tool as far as it is the same whatever the backends offer. */
export interface Composite {
  readonly name: string
  readonly workflow: Workflow
  /** As advertised, but for the annotations. */
  readonly definition: JsonObject
  /** Those that the author wrote. */
  readonly annotations: JsonObject
  readonly calls: readonly StepCall[]
  /** All of them, as they are told of. */
  readonly steps: readonly RunStep[]
  /** What the arguments are checked by, and the answers of elicitation steps by the id of the step. */
  readonly parameters: Schema
  readonly answers: ReadonlyMap<string, Schema>
  /** Stands for all of it: runs go on with the very same only. */
  readonly hash: string
  /** Why it could never run. */
  readonly faults: readonly string[]
}

export interface StepCall {
  readonly step: string
  /** As written: an advertised name, or `workload.tool`. */
  readonly tool: string
}

export function prepare(config: CompositeToolConfig, readSchema: ReadSchema): Composite {
  const { name, description, steps, timeoutMs, output, annotations = {} } = config
  const workflow = defineWorkflow({ name, steps, timeoutMs, output })
  const inputSchema = { ...config.parameters, type: 'object' }
  const faults = plan(workflow).problems.map(describeProblem)
  const read = (schema: JsonObject, of: string) => orFault(() => readSchema(schema), of, faults)
  const calls = steps.flatMap(callOf)
  return {
    name,
    workflow,
    definition: { name, description, inputSchema, ...outputOf(config) },
    annotations,
    calls,
    steps: workflow.steps.map(({ id, type }) => {
      return { id, type, tool: calls.find(({ step }) => step === id)?.tool }
    }),
    parameters: read(inputSchema, 'parameters'),
    answers: new Map(
      steps.flatMap((step) =>
        step.type === 'elicitation' ? [[step.id, read(step.schema, `step '${step.id}'`)]] : [],
      ),
    ),
    hash: createHash('sha256')
      .update(canonical([workflow, config]))
      .digest('base64url'),
    faults,
  }
}

function outputOf({ output }: CompositeToolConfig): JsonObject {
  return output === undefined ? {} : { outputSchema: outputSchema(output) }
}

/** What is wrong with it is told in `faults`, with whose it is. */
function orFault(read: () => Schema, of: string, faults: string[]): Schema {
  try {
    return read()
  } catch (error) {
    faults.push(`${of}: ${GatewayError.from(error).message}`)
    return { check: (value) => ({ ok: true, value }) }
  }
}

function callOf(step: CompositeStep): StepCall[] {
  switch (step.type) {
    case 'tool':
      return [{ step: step.id, tool: step.tool }]
    case 'forEach':
      return [{ step: step.id, tool: step.step.tool }]
    case 'elicitation':
      return []
  }
}
