import type { Principal } from '../../core/caller.ts'
import type { JsonObject } from '../../core/catalog.ts'
import { claimAt } from '../../core/claims.ts'
import {
  type Entity,
  EntityRef,
  keyOf,
  type Outcome,
  type PolicySet,
  type Selection,
  valueOfJson,
} from '../../engines/policy/index.ts'

export interface SubjectOptions {
  readonly groupType: string
  readonly groupClaim: string | undefined
  readonly roleClaim: string | undefined
}

/** Where groups are found that nobody has said the claim of. */
const GROUP_CLAIMS = ['groups', 'roles', 'cognito:groups']
const CLAIM = 'claim_'

/** A caller as policies see it: `Client::"<sub>"` with its claims, in its groups. Made once for each principal. */
export class Subject implements Entity {
  readonly ref: EntityRef
  readonly ancestors: ReadonlySet<string>
  /** By name, without `claim_`. */
  readonly claims: ReadonlyMap<string, Outcome>
  readonly #own: Entity | undefined
  readonly #policies: PolicySet
  readonly #selections = new Map<EntityRef, Selection>()

  constructor({ subject, claims }: Principal, policies: PolicySet, options: SubjectOptions) {
    this.ref = new EntityRef('Client', subject)
    this.#policies = policies
    this.#own = policies.entities.find(this.ref.key)
    const groups = groupsOf(claims, options).map((group) => keyOf(options.groupType, group))
    this.ancestors = new Set([...(this.#own?.ancestors ?? []), ...policies.entities.above(groups)])
    this.claims = new Map(
      Object.entries(claims).flatMap(([name, json]) => {
        const value = valueOfJson(json)
        return value === undefined ? [] : [[name, value] as const]
      }),
    )
  }

  /** What the configuration knows of it is added to the claims, and takes the place of none. */
  attribute(name: string): Outcome | undefined {
    if (name.startsWith(CLAIM)) return this.claims.get(name.slice(CLAIM.length))
    return this.#own?.attribute(name)
  }

  tag(name: string): Outcome | undefined {
    return this.#own?.tag(name)
  }

  /** The policies that may be about it. */
  selection(action: EntityRef): Selection {
    const known = this.#selections.get(action)
    if (known !== undefined) return known
    const selection = this.#policies.select(action, this.ref, this.ancestors)
    this.#selections.set(action, selection)
    return selection
  }
}

function groupsOf(claims: JsonObject, { groupClaim, roleClaim }: SubjectOptions): string[] {
  const names = [
    ...(groupClaim === undefined ? GROUP_CLAIMS : [groupClaim]),
    ...(roleClaim ? [roleClaim] : []),
  ]
  return names.flatMap((name) => textsOf(claimAt(claims, name)))
}

function textsOf(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [value]
  return items.filter((item) => typeof item === 'string' && item !== '') as string[]
}
