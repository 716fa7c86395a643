import type { Result } from '../../core/call.ts'
import type { Item } from '../../core/catalog.ts'

export interface Outcome {
  /** `undefined` where there was nothing to call. */
  readonly item: Item | undefined
  readonly result: Result
}
