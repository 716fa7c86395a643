import type { Signal } from '../../core/abort.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { GatewayError } from '../../core/errors.ts'
import type { StepEvent } from './events.ts'
import { kindOf } from './json.ts'
import type { Ports } from './ports.ts'
import type { TemplateData } from './scope.ts'

export type RunPorts = Ports & Required<Pick<Ports, 'clock' | 'random'>>

/** What a step has of the run it belongs to. */
export interface StepContext {
  readonly ports: RunPorts
  readonly data: TemplateData
  readonly signal: Signal
  readonly attempt: number
  readonly iteration: number | undefined
  report(event: StepEvent): void
}

/** How one attempt of a step ended. */
export type StepResult = Done | Refused | Failed

interface Done {
  readonly kind: 'done'
  readonly output: JsonObject
  readonly content?: JsonObject | undefined
  readonly action?: string | undefined
  readonly skipRemaining?: boolean | undefined
}

/** A person's no. It ends the workflow; `onError` is not asked. */
interface Refused {
  readonly kind: 'refused'
  readonly error: GatewayError
}

interface Failed {
  readonly kind: 'failed'
  readonly error: GatewayError
  readonly partial?: JsonObject | undefined
}

/** How a step ended. */
export type StepEnd = StepResult & { readonly attempts: number }

/** Expands `value`; what goes wrong is told with the part of the step it happened in. */
export function expand(value: unknown, part: string, context: StepContext): unknown {
  return authored(part, () => context.ports.templates.expand(value, context.data))
}

export function holds(condition: string | undefined, context: StepContext): boolean {
  if (condition === undefined || condition === '') return true
  return authored('condition', () => {
    const verdict: unknown = context.ports.templates.test(condition, context.data)
    if (typeof verdict !== 'boolean') throw new Error(`expected true or false, got ${kindOf(verdict)}`)
    return verdict
  })
}

/** Template errors are the author's to mend, whatever class they come in. */
export function authored<T>(part: string, body: () => T): T {
  try {
    return body()
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new GatewayError('config', `${part}: ${message}`, { cause })
  }
}
