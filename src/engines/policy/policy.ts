import type { ConditionAst, PolicyAst } from './ast.ts'
import { compile, UnsupportedError } from './compile/expression.ts'
import { and, not } from './compile/logic.ts'
import type { Node } from './compile/node.ts'
import type { Env } from './env.ts'
import { scopeTest } from './scope.ts'
import type { Outcome } from './values.ts'

/** A policy as Cedar's parser has read it, and where it stands. */
export interface ParsedPolicy {
  readonly ast: PolicyAst
  /** Names it to people: where it stands in the configuration. */
  readonly place: string
  readonly text: string
  /** Of UTF-16 code units, in what stands at the place. */
  readonly offset: number
}

/** A policy, ready to be asked. */
export interface Policy {
  readonly effect: 'permit' | 'forbid'
  readonly source: ParsedPolicy
  /** True where it applies. Something unknown only where the request is not wholly known. */
  readonly ask: (env: Env) => Outcome
}

/** @throws UnsupportedError */
export function compilePolicy(source: ParsedPolicy): Policy {
  const { ast } = source
  const principal = scopeTest(ast.principal)
  const resource = scopeTest(ast.resource)
  const scope: Node = and(
    (env) => principal(env.principal, env),
    (env) => resource(env.resource, env),
  )
  const ask = ast.conditions.map(conditionOf).reduce<Node>(and, scope)
  return { effect: ast.effect, source, ask }
}

/** What a policy uses that is not known here; nothing where it can be asked. */
export function unsupportedIn({ conditions }: PolicyAst): string | undefined {
  try {
    conditions.forEach(conditionOf)
    return undefined
  } catch (error) {
    if (error instanceof UnsupportedError) return error.message
    throw error
  }
}

function conditionOf({ kind, body }: ConditionAst): Node {
  return kind === 'when' ? compile(body) : not(compile(body))
}
