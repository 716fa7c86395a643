/** Every node knows where it stands: `at` is an offset into the template's text. */
export type Expression =
  | Literal
  | { readonly kind: 'nil'; readonly at: number }
  | { readonly kind: 'dot'; readonly at: number }
  | Field
  | Variable
  | Chain
  | Call
  | Pipeline
  | Declaration

interface Literal {
  readonly kind: 'literal'
  readonly value: string | boolean | number | bigint
  readonly at: number
}

/** `.a.b` */
export interface Field {
  readonly kind: 'field'
  readonly path: readonly string[]
  readonly at: number
}

/** `$x.a.b`; slot 0 is `$`, the data that the template was called with. */
export interface Variable {
  readonly kind: 'variable'
  readonly name: string
  readonly slot: number
  readonly path: readonly string[]
  readonly at: number
}

/** `(…).a.b` */
export interface Chain {
  readonly kind: 'chain'
  readonly of: Expression
  readonly path: readonly string[]
  readonly at: number
}

/** Of a built-in function. In a later stage of a pipeline, the value before it is one more, last argument. */
export interface Call {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expression[]
  readonly at: number
}

/** `first | stage | stage` */
export interface Pipeline {
  readonly kind: 'pipeline'
  readonly first: Expression
  readonly stages: readonly Call[]
  readonly at: number
}

/** `$x := value` or `$x = value`; its value is that of `value`. */
export interface Declaration {
  readonly kind: 'declaration'
  readonly slot: number
  readonly value: Expression
  readonly at: number
}

export type Statement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly value: Expression; readonly at: number }
  | Conditional
  | Range
  | {
      readonly kind: 'template'
      readonly name: string
      readonly value: Expression | undefined
      readonly at: number
    }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }

export type Block = readonly Statement[]

/** `if` and `with` with all their `else if` or `else with`; `with` makes its value the dot. */
export interface Conditional {
  readonly kind: 'if' | 'with'
  readonly branches: readonly { readonly condition: Expression; readonly body: Block }[]
  readonly otherwise: Block
}

export interface Range {
  readonly kind: 'range'
  readonly over: Expression
  readonly keySlot: number | undefined
  readonly valueSlot: number | undefined
  readonly body: Block
  readonly otherwise: Block
  readonly at: number
}

/** One body: of the template itself, or of a `define` or `block`. */
export interface Definition {
  readonly body: Block
  /** How many variables it holds at once, `$` included. */
  readonly slots: number
}

export interface Program {
  readonly main: Definition
  readonly definitions: ReadonlyMap<string, Definition>
}
