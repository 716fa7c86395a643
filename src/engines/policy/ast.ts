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

/** An object with one member, which is named after the operator. */
export type ExprAst = Readonly<Record<string, unknown>>
