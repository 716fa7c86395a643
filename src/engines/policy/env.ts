import type { Entities } from './entities.ts'
import type { UnknownEntity } from './outcome.ts'
import type { EntityRef, RecordValue } from './values.ts'

/** What a policy is evaluated against. */
export interface Env {
  readonly principal: EntityRef
  readonly action: EntityRef
  readonly resource: EntityRef | UnknownEntity
  readonly context: RecordValue
  readonly entities: Entities
}
