import fc from 'fast-check'
import { Entities } from './entities.ts'
import { Policies } from './policies.ts'
import type { Case } from './verdict.ts'
import { ACTIONS, CLIENTS, type Pick, TOOLS } from './vocabulary.ts'

/** Policies, entities and requests of all kinds, well typed and not. */
export const cases: fc.Arbitrary<Case> = fc.gen().map((gen) => {
  const pick: Pick = (from) => from[gen(fc.nat, { max: from.length - 1 })] as (typeof from)[number]
  const policies = new Policies(pick)
  const entities = new Entities(pick)
  return {
    policies: Array.from({ length: pick([1, 2, 3]) }, () => policies.next()),
    entities: entities.next(),
    principal: pick(CLIENTS),
    action: pick(ACTIONS),
    resource: pick(TOOLS),
    context: entities.record(2),
  }
})
