import { type Decision, decide, type Explanation, explain } from './decide.ts'
import { EntityStore, type StaticEntity } from './entities.ts'
import type { Env } from './env.ts'
import { compilePolicy, type ParsedPolicy } from './policy.ts'
import { about, PolicyIndex, type Selection } from './policy-index.ts'
import type { EntityRef } from './values.ts'

/** Policies that are ready to be asked, and the entities that they may speak of. Immutable. */
export class PolicySet {
  readonly entities: EntityStore
  readonly #index: PolicyIndex

  /** @throws UnsupportedError */
  constructor(
    policies: readonly ParsedPolicy[],
    entities: readonly StaticEntity[],
    actions: readonly EntityRef[],
  ) {
    this.entities = new EntityStore(entities)
    this.#index = new PolicyIndex(policies.map(compilePolicy), actions, this.entities)
  }

  /** Those that may be about a principal, of whose ancestors these are the keys. */
  select(action: EntityRef, principal: EntityRef, ancestors: ReadonlySet<string>): Selection {
    return this.#index.select(action, principal, ancestors)
  }

  decide(selection: Selection, env: Env): Decision {
    return decide(about(selection, env), env)
  }

  explain(selection: Selection, env: Env): Explanation {
    return explain(about(selection, env), env)
  }
}
