import type { Origin } from '../../core/catalog.ts'
import type { ConflictStrategy } from '../../core/config.ts'

/** What a backend would have one of its tools or prompts be called. */
export interface Claim {
  readonly backend: string
  readonly ownName: string
  /** `ownName`, or what an override says instead. */
  readonly wanted: string
}

/** A name that several claim where somebody has to decide. */
export interface Conflict {
  readonly kind: 'tool'
  readonly name: string
  /** The names of those backends, sorted, each once. */
  readonly backends: readonly string[]
  readonly origins: readonly Origin[]
}

/** The names that a claim would take, the best first. */
export interface Bid<C extends Claim> {
  readonly claim: C
  readonly names: readonly string[]
  /** Why the best of them is not the name that was wanted, where that is a surprise. */
  readonly note?: string
}

export interface Refused<C extends Claim> {
  readonly claim: C
  readonly reason: string
}

export interface Bids<C extends Claim> {
  /** Those whose first names go before those of others come first. */
  readonly bids: readonly Bid<C>[]
  readonly refused: readonly Refused<C>[]
  readonly conflicts: readonly Conflict[]
}

/** A way to name things. All of it is pure; claims come sorted by backend and own name. */
export interface NamingRules {
  /** For tools that clients see. */
  tools<C extends Claim>(claims: readonly C[]): Bids<C>
  /** For tools that they do not see: what such a tool takes of the names that are left. */
  hidden<C extends Claim>(claim: C): Bid<C>
  prompts<C extends Claim>(claims: readonly C[]): Bids<C>
}

/** One conflict strategy: `create` makes the rules from its settings. */
export interface ConflictPlugin<S extends ConflictStrategy = ConflictStrategy> {
  readonly type: S['type']
  create(strategy: S): NamingRules
}

export function uncontested<C extends Claim>(bids: readonly Bid<C>[]): Bids<C> {
  return { bids, refused: [], conflicts: [] }
}

/** Claims by wanted name, in the order in which the names first come. */
export function byWanted<C extends Claim>(claims: readonly C[]): Map<string, C[]> {
  const groups = new Map<string, C[]>()
  for (const claim of claims) {
    const group = groups.get(claim.wanted)
    if (group) group.push(claim)
    else groups.set(claim.wanted, [claim])
  }
  return groups
}

/** `'a'`, `'a' and 'b'`, `'a', 'b' and 'c'`; each name once. */
export function list(names: readonly string[]): string {
  const quoted = [...new Set(names)].map((name) => `'${name}'`)
  const last = quoted.pop() ?? ''
  return quoted.length === 0 ? last : `${quoted.join(', ')} and ${last}`
}
