import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import { settle } from './cancel.ts'
import { coerce } from './coerce.ts'
import { failureText, outputOf } from './content.ts'
import { kindOf } from './json.ts'
import type { InnerStep } from './model.ts'
import { expand, type StepContext, type StepResult } from './step-context.ts'

/** One call of the step's tool. `id` is that of the step as the workflow has it. */
export async function callStep(id: string, step: InnerStep, context: StepContext): Promise<StepResult> {
  const { ports, signal, attempt, iteration } = context
  const call = { step: id, tool: step.tool, arguments: argumentsOf(step, context) }
  const outcome = await settle(ports.callTool({ ...call, attempt, iteration, signal }), signal, ports.clock)
  if (outcome.isError !== true) return { kind: 'done', ...outputOf(outcome) }
  return { kind: 'failed', error: new GatewayError('backend', failureText(outcome)) }
}

function argumentsOf(step: InnerStep, context: StepContext): JsonObject {
  const expanded = expand(step.arguments, 'arguments', context)
  const fitted = coerce(expanded, context.ports.inputSchema?.(step.tool))
  if (isObject(fitted)) return fitted
  throw new GatewayError('config', `arguments: expected an object, got ${kindOf(fitted)}`)
}
