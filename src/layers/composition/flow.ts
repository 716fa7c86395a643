import type { RawObject } from '../../core/raw.ts'
import type { EndedState } from '../../engines/workflow/index.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Invocation } from './invocation.ts'

/** One run under way. */
export interface Flow {
  readonly invocation: Invocation
  /** Ends it. */
  readonly control: AbortController
  /** `undefined` where it is not kept. */
  readonly checkpoint: Checkpoint | undefined
  /** How steps ended that do not run again. */
  readonly earlier: ReadonlyMap<string, EndedState>
  /** Answers of people that came with the call, by the ids of the steps that ask. */
  readonly answers: Map<string, RawObject>
}
