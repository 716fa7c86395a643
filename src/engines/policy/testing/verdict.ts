import { createRequire } from 'node:module'
import { readPolicies } from '../cedar.ts'
import type { Env } from '../env.ts'
import { valueOfEntityJson } from '../json.ts'
import { PolicySet } from '../policy-set.ts'
import { readEntities } from '../static-entities.ts'
import { EntityRef, type Outcome, RecordValue, UNKNOWN } from '../values.ts'

type Cedar = typeof import('@cedar-policy/cedar-wasm/nodejs')

const ENGINE = '@cedar-policy/cedar-wasm/nodejs'
const require = createRequire(import.meta.url)

/** An engine of its own, which no other test can spoil. */
export const cedar: Cedar = require(ENGINE)
delete require.cache[require.resolve(ENGINE)]

/** A request and what there is, as Cedar's JSON has it. */
export interface Case {
  readonly policies: readonly string[]
  readonly entities: readonly object[]
  readonly principal: Uid
  readonly action: Uid
  readonly resource: Uid
  readonly context: Readonly<Record<string, unknown>>
}

export interface Uid {
  readonly type: string
  readonly id: string
}

/** What an engine says, policies by their place among the policies. */
export interface Verdict {
  readonly decision: string
  readonly reasons: readonly string[]
  readonly errors: readonly string[]
}

/** @param isHidden names of members of the context that are not known */
export function ours(it: Case, isHidden: (name: string) => boolean = () => false): Verdict {
  const { set, env } = prepare(it, isHidden)
  const ancestors = set.entities.find(env.principal.key)?.ancestors ?? new Set()
  const selection = set.select(env.action, env.principal, ancestors)
  const { decision, applied, errors } = set.explain(selection, env)
  if (set.decide(selection, env) !== decision) throw new Error('deciding and explaining differ')
  const forbids = applied.filter(({ effect }) => effect === 'forbid')
  const determining = forbids.length > 0 ? forbids : applied
  return {
    decision,
    reasons: determining.map(({ source }) => source.place).sort(),
    errors: errors.map(({ policy }) => policy.source.place).sort(),
  }
}

function prepare(it: Case, isHidden: (name: string) => boolean): { set: PolicySet; env: Env } {
  const { principal, action, resource } = it
  const parsed = it.policies.map((text, at) => {
    const read = readPolicies(text)
    if (!read.ok) throw new Error(`${read.faults[0]?.message}: ${text}`)
    return { ...(read.policies[0] as (typeof read.policies)[number]), place: `p${at}` }
  })
  const refs = [principal, action, resource].map(({ type, id }) => new EntityRef(type, id))
  const set = new PolicySet(parsed, readEntities(JSON.stringify(it.entities)), [refs[1] as EntityRef])
  const env: Env = {
    principal: refs[0] as EntityRef,
    action: refs[1] as EntityRef,
    resource: refs[2] as EntityRef,
    context: new Members(it.context, isHidden),
    entities: set.entities,
  }
  return { set, env }
}

class Members extends RecordValue {
  readonly #members: ReadonlyMap<string, Outcome>

  constructor(json: Readonly<Record<string, unknown>>, isHidden: (name: string) => boolean) {
    super()
    const entries = Object.entries(json).map(
      ([name, value]) => [name, isHidden(name) ? UNKNOWN : valueOfEntityJson(value)] as const,
    )
    this.#members = new Map(entries)
  }

  get(name: string): Outcome | undefined {
    return this.#members.get(name)
  }

  all(): ReadonlyMap<string, Outcome> {
    return this.#members
  }
}

/** What Cedar says, with the rule that any error denies. */
export function theirs({ policies, entities, principal, action, resource, context }: Case): Verdict {
  const staticPolicies = Object.fromEntries(policies.map((text, at) => [`p${at}`, text]))
  const answer = cedar.isAuthorized({
    principal,
    action,
    resource,
    context,
    policies: { staticPolicies },
    entities,
  } as Parameters<Cedar['isAuthorized']>[0])
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  const { decision, diagnostics } = answer.response
  const errors = diagnostics.errors.map(({ policyId }) => policyId).sort()
  return {
    decision: errors.length > 0 ? 'deny' : decision,
    reasons: [...diagnostics.reason].sort(),
    errors,
  }
}
