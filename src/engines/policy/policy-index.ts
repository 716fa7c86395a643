import type { ScopeAst } from './ast.ts'
import type { Entities } from './entities.ts'
import type { Env } from './env.ts'
import type { Policy } from './policy.ts'
import { refOf, targetsOf } from './scope.ts'
import { type EntityRef, keyOf, UnknownEntity } from './values.ts'

/** The key of what may be anything. */
const ANY = ''
const NONE: ReadonlySet<string> = new Set()

/** Policies by a resource that they are about, or ANY. */
type ByResource = Map<string, Policy[]>

/** Those that may be about a principal, for one action. */
export type Selection = readonly ReadonlyMap<string, readonly Policy[]>[]

/**
 * Finds the policies that may be about a request without looking at the others: by action, then by the entity that
 * the principal must be or be in, then by that of the resource.
 */
export class PolicyIndex {
  readonly #actions = new Map<string, Map<string, ByResource>>()

  /** @param actions all that there are; a policy that is about none of them is never found */
  constructor(policies: readonly Policy[], actions: readonly EntityRef[], entities: Entities) {
    for (const action of actions) {
      const byPrincipal = new Map<string, ByResource>()
      const ancestors = entities.find(action.key)?.ancestors ?? NONE
      for (const policy of policies)
        if (isAbout(policy.source.ast.action, action, ancestors)) add(policy, byPrincipal)
      this.#actions.set(action.key, byPrincipal)
    }
  }

  /** The same for all requests of a principal. */
  select(action: EntityRef, principal: EntityRef, ancestors: ReadonlySet<string>): Selection {
    const byPrincipal = this.#actions.get(action.key)
    if (byPrincipal === undefined) return []
    return [ANY, principal.key, ...ancestors].flatMap((key) => byPrincipal.get(key) ?? [])
  }
}

/** Of a selection, those that may be about the resource. */
export function* about(selection: Selection, { resource, entities }: Env): Iterable<Policy> {
  if (resource instanceof UnknownEntity) {
    for (const byResource of selection) for (const policies of byResource.values()) yield* policies
    return
  }
  const ancestors = entities.find(resource.key)?.ancestors ?? NONE
  for (const byResource of selection) {
    yield* byResource.get(ANY) ?? []
    yield* byResource.get(resource.key) ?? []
    for (const key of ancestors) yield* byResource.get(key) ?? []
  }
}

function isAbout(ast: ScopeAst, action: EntityRef, ancestors: ReadonlySet<string>): boolean {
  if (ast.op === 'All') return true
  return targetsOf(ast).some(({ key }) => key === action.key || (ast.op === 'in' && ancestors.has(key)))
}

function add(policy: Policy, byPrincipal: Map<string, ByResource>): void {
  const { principal, resource } = policy.source.ast
  const byResource = byPrincipal.get(keyFor(principal)) ?? new Map<string, Policy[]>()
  byPrincipal.set(keyFor(principal), byResource)
  const policies = byResource.get(keyFor(resource)) ?? []
  byResource.set(keyFor(resource), policies)
  policies.push(policy)
}

function keyFor(ast: ScopeAst): string {
  const entity = ast.entity ?? ast.in?.entity
  if (entity === undefined) return ANY
  const { type, id } = refOf(entity)
  return keyOf(type, id)
}
