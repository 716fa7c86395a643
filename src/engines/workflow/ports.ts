import type { Signal } from '../../core/abort.ts'
import type { JsonObject } from '../../core/catalog.ts'
import type { RunEvent } from './events.ts'

/** Everything a run needs of the world. What a port throws becomes the failure of the step. */
export interface Ports {
  readonly templates: Templates
  callTool(call: ToolCallRequest): Promise<ToolOutcome>
  elicit(request: ElicitRequest): Promise<Answer>
  /** The schema by which rendered strings become numbers and booleans. */
  inputSchema?(tool: string): JsonObject | undefined
  readonly clock?: Clock
  /** In [0, 1), for the jitter of retries. */
  readonly random?: () => number
  /** Must not throw; what it throws is dropped. */
  onEvent?(event: RunEvent): void
}

/** Errors thrown here are for the author of the workflow; their text is shown. */
export interface Templates {
  /** Expands every string in `value`. A string that is one lone reference keeps the type of its value. */
  expand(value: unknown, data: unknown): unknown
  /** @throws when the text is not a boolean literal */
  test(condition: string, data: unknown): boolean
}

export interface ToolCallRequest {
  readonly step: string
  readonly tool: string
  readonly arguments: JsonObject
  /** From 1. */
  readonly attempt: number
  /** The index of the item in a forEach. */
  readonly iteration: number | undefined
  readonly signal: Signal
}

/** A tool's result. One with `isError` is an outcome too; only what never reached a tool is thrown. */
export interface ToolOutcome {
  readonly isError?: boolean | undefined
  readonly content: readonly JsonObject[]
  readonly structuredContent?: unknown
}

export interface ElicitRequest {
  readonly step: string
  readonly message: string
  readonly schema: JsonObject
  readonly signal: AbortSignal
}

export interface Answer {
  readonly action: 'accept' | 'decline' | 'cancel'
  readonly content?: JsonObject | undefined
}

export interface Clock {
  /** Milliseconds since the epoch, never going back. */
  now(): number
  /** Resolves after `ms`, or as soon as the signal fires. Never rejects. */
  sleep(ms: number, signal: Signal): Promise<void>
}
