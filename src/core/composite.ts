import type { JsonObject } from './catalog.ts'

/** Where composite tools come from, in the place of a backend's name. */
export const COMPOSITE = '(composite)'

/**
 * A tool made of several calls. Text in `arguments`, `condition`, `message`, `collection` and `value` may hold
 * templates. Times and counts that are absent or zero take the defaults of the workflow engine.
 */
export interface CompositeToolConfig {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments, with `type: object`; any object when absent. */
  readonly parameters?: JsonObject | undefined
  /** Of a whole run. */
  readonly timeoutMs?: number | undefined
  readonly steps: readonly CompositeStep[]
  /** The result; that of the last step when absent. */
  readonly output?: CompositeOutput | undefined
  /** Hints that say no more than the tools of the steps allow, and a `title`. */
  readonly annotations?: JsonObject | undefined
}

export type CompositeStep = CompositeToolStep | CompositeElicitation | CompositeLoop

interface Placed {
  readonly id: string
  readonly dependsOn?: readonly string[] | undefined
}

interface Guarded {
  /** Renders `true` or `false`; false skips the step. */
  readonly condition?: string | undefined
  readonly onError?: CompositeOnError | undefined
  /** All attempts together. */
  readonly timeoutMs?: number | undefined
  /** The output of the step when it is skipped, or fails and the run goes on. */
  readonly defaultResults?: JsonObject | undefined
}

export interface CompositeCall extends Guarded {
  /** An advertised name, or `workload.tool` with the backend's own name of it. */
  readonly tool: string
  readonly arguments?: JsonObject | undefined
}

export interface CompositeToolStep extends Placed, CompositeCall {
  readonly type: 'tool'
}

export interface CompositeElicitation extends Placed, Guarded {
  readonly type: 'elicitation'
  readonly message: string
  /** JSON Schema of the answer. */
  readonly schema: JsonObject
  readonly onDecline?: CompositeRefusal | undefined
  readonly onCancel?: CompositeRefusal | undefined
}

export interface CompositeLoop extends Placed, Guarded {
  readonly type: 'forEach'
  /** Renders a JSON list. */
  readonly collection: string
  /** The name of the item under `.forEach`. */
  readonly itemVar?: string | undefined
  readonly maxParallel?: number | undefined
  readonly maxIterations?: number | undefined
  readonly step: CompositeCall
}

export type CompositeOnError =
  | { readonly action: 'abort' | 'continue' }
  | { readonly action: 'retry'; readonly retryCount: number; readonly retryDelayMs?: number | undefined }

export type CompositeRefusal = 'abort' | 'continue' | 'skip_remaining'

export interface CompositeOutput {
  readonly properties: Readonly<Record<string, CompositeOutputProperty>>
  readonly required?: readonly string[] | undefined
}

/** Either `value` or, for an object made of several, `properties`. */
export interface CompositeOutputProperty {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array'
  readonly description?: string | undefined
  readonly value?: string | undefined
  readonly properties?: Readonly<Record<string, CompositeOutputProperty>> | undefined
  readonly default?: unknown
}
