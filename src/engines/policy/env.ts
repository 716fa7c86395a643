import type { Entities } from './entities.ts'
import type { EntityRef, RecordValue, UnknownEntity } from './values.ts'

/** What a policy is evaluated against. */
export interface Env {
  readonly principal: EntityRef
  readonly action: EntityRef
  readonly resource: EntityRef | UnknownEntity
  readonly context: RecordValue
  readonly entities: Entities
}
