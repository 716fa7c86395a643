import type { Env } from './env.ts'
import type { Policy } from './policy.ts'
import { Fault, Unknown } from './values.ts'

/** `maybe`: nothing that is known is against it, but it depends on what is not. */
export type Decision = 'allow' | 'deny' | 'maybe'

/** Deny is the default, forbid goes before permit, and any error denies. */
export function decide(policies: Iterable<Policy>, env: Env): Decision {
  let permitted: Decision = 'deny'
  let isSure = true
  for (const { effect, ask } of policies) {
    const answer = ask(env)
    if (answer === false) continue
    if (answer instanceof Fault) return 'deny'
    if (answer instanceof Unknown) {
      isSure = false
      if (effect === 'forbid') {
        if (answer.never === false) return 'deny'
      } else if (answer.never !== true && permitted === 'deny') permitted = 'maybe'
    } else if (effect === 'forbid') return 'deny'
    else permitted = 'allow'
  }
  return permitted === 'allow' && !isSure ? 'maybe' : permitted
}

/** What has led to a decision. */
export interface Explanation {
  readonly decision: Decision
  /** Those that apply, forbidding ones first. */
  readonly applied: readonly Policy[]
  readonly errors: readonly { readonly policy: Policy; readonly message: string }[]
  /** Those of which it depends on what is not known whether they apply. */
  readonly open: readonly Policy[]
}

export function explain(policies: Iterable<Policy>, env: Env): Explanation {
  const all = [...new Set(policies)]
  const answers = all.map((policy) => ({ policy, answer: policy.ask(env) }))
  const applied = answers.filter(({ answer }) => answer === true).map(({ policy }) => policy)
  const errors = answers.flatMap(({ policy, answer }) =>
    answer instanceof Fault ? [{ policy, message: answer.message }] : [],
  )
  const open = answers.flatMap(({ policy, answer }) => (answer instanceof Unknown ? [policy] : []))
  const byEffect = (effect: Policy['effect']) => applied.filter((policy) => policy.effect === effect)
  return { decision: decide(all, env), applied: [...byEffect('forbid'), ...byEffect('permit')], errors, open }
}
