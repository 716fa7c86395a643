/** Policies as Cedar's own parser gives them (the JSON policy format, "EST"). */
export interface PolicyAst {
  readonly effect: 'permit' | 'forbid'
  readonly principal: ScopeAst
  readonly action: ScopeAst
  readonly resource: ScopeAst
  readonly conditions: readonly ConditionAst[]
  readonly annotations?: Readonly<Record<string, string | null>>
}

export interface ConditionAst {
  readonly kind: 'when' | 'unless'
  readonly body: ExprAst
}

/** Of principals, actions and resources alike. */
export interface ScopeAst {
  readonly op: 'All' | '==' | 'in' | 'is'
  readonly entity?: UidAst
  readonly entities?: readonly UidAst[]
  readonly entity_type?: string
  readonly in?: { readonly entity: UidAst }
}

export interface UidAst {
  readonly type: string
  readonly id: string
}

/** `*` of a pattern, or a text as it is. */
export type PatternElement = 'Wildcard' | { readonly Literal: string }

interface Two {
  readonly left: ExprAst
  readonly right: ExprAst
}

interface One {
  readonly arg: ExprAst
}

/** What each operator has; a function of an extension has the list of its arguments. */
export interface Operands {
  readonly Value: unknown
  readonly Var: string
  readonly '&&': Two
  readonly '||': Two
  readonly '!': One
  readonly 'if-then-else': { readonly if: ExprAst; readonly then: ExprAst; readonly else: ExprAst }
  readonly neg: One
  readonly '==': Two
  readonly '!=': Two
  readonly '<': Two
  readonly '<=': Two
  readonly '>': Two
  readonly '>=': Two
  readonly '+': Two
  readonly '-': Two
  readonly '*': Two
  readonly in: Two
  readonly is: { readonly left: ExprAst; readonly entity_type: string; readonly in?: ExprAst }
  readonly '.': { readonly left: ExprAst; readonly attr: string }
  readonly has: { readonly left: ExprAst; readonly attr: string | readonly string[] }
  readonly like: { readonly left: ExprAst; readonly pattern: readonly PatternElement[] }
  readonly hasTag: Two
  readonly getTag: Two
  readonly contains: Two
  readonly containsAll: Two
  readonly containsAny: Two
  readonly isEmpty: One
  readonly Set: readonly ExprAst[]
  readonly Record: Readonly<Record<string, ExprAst>>
}

/** An object with one member, which is named after the operator. */
export type ExprAst = Partial<Operands>
