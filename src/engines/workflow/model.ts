import type { JsonObject } from '../../core/catalog.ts'

/** A composite tool as immutable data: checked, defaults filled in, times in milliseconds. */
export interface Workflow {
  readonly name: string
  readonly steps: readonly Step[]
  readonly timeoutMs: number
  /** Steps under way at once. */
  readonly maxParallel: number
  readonly output?: OutputSpec | undefined
}

export type Step = ToolStep | ElicitationStep | ForEachStep

interface Guarded {
  /** A template that renders `true` or `false`; false skips the step. */
  readonly condition?: string | undefined
  readonly onError: OnError
  /** Covers all attempts of the step, and the whole loop of a forEach. */
  readonly timeoutMs: number
  /** The output of the step when it is skipped, or fails and the workflow goes on. */
  readonly defaultResults?: JsonObject | undefined
}

interface Placed {
  readonly id: string
  readonly dependsOn: readonly string[]
}

/** The step of a loop. Whether a failed item ends the loop is for the `onError` of the forEach to say. */
export interface InnerStep extends Guarded {
  readonly tool: string
  /** Strings at any depth are templates. */
  readonly arguments: JsonObject
}

export interface ToolStep extends InnerStep, Placed {
  readonly type: 'tool'
}

export interface ElicitationStep extends Guarded, Placed {
  readonly type: 'elicitation'
  /** A template. */
  readonly message: string
  /** What the answer must look like. The port that asks also checks. */
  readonly schema: JsonObject
  readonly onDecline: Refusal
  /** Asked too when nobody answers within `timeoutMs`. */
  readonly onCancel: Refusal
}

/** What becomes of the workflow when a person does not accept. */
export type Refusal = 'abort' | 'continue' | 'skip_remaining'

export interface ForEachStep extends Guarded, Placed {
  readonly type: 'forEach'
  /** A template of an array, or of its JSON text. */
  readonly collection: string
  /** The name of the item under `.forEach`. */
  readonly itemVar: string
  readonly maxIterations: number
  readonly maxParallel: number
  readonly step: InnerStep
}

export type OnError =
  | { readonly action: 'abort' }
  | { readonly action: 'continue' }
  | { readonly action: 'retry'; readonly retryCount: number; readonly retryDelayMs: number }

export interface OutputSpec {
  readonly properties: Readonly<Record<string, OutputProperty>>
  readonly required?: readonly string[] | undefined
}

export type OutputType = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array'

/** Either `value`, a template, or `properties`, for an object made of several. */
export interface OutputProperty {
  readonly type: OutputType
  readonly description?: string | undefined
  readonly value?: unknown
  readonly properties?: Readonly<Record<string, OutputProperty>> | undefined
  /** Of `properties`. */
  readonly required?: readonly string[] | undefined
  /** Takes the place of a value that is missing or does not fit the type. */
  readonly default?: unknown
}
