/**
 * Go's `text/template` over JSON values, as a pure machine. Output equals Go's, but for what Go makes a trap of
 * (`golden/differences.go` lists each case with its reason), first of all:
 *
 * - A reference that the data do not have is an error that names its path. It is allowed, and counts as false,
 *   as the operand of `if`, `else if`, `with`, `and`, `or` and `not`; within such an operand `eq` and `ne` take it
 *   for null, as Go does, and all other functions refuse it. `default` replaces it, as it does null and "".
 * - Numbers compare by value, and a whole number is an index, a count and an integer for `printf`.
 * - A template that is one action and nothing else keeps the JSON type of its value (`evaluate`, `expand`).
 * - `a == 'x' && b > 3`, with the operators == != < <= > >= && ||, is another way to write `and`, `or`, `eq` and so on.
 */
export type { Limits, RenderOptions } from './bounds.ts'
export type { Place, TemplateErrorCode } from './errors.ts'
export { TemplateError } from './errors.ts'
export type { Expand } from './expand.ts'
export { createExpander, expand } from './expand.ts'
export type { Reference, Template } from './template.ts'
export { parseTemplate } from './template.ts'
export type { Found, JsonType, Types } from './types.ts'
export { lookUp, mayFit, typesOf, typesOfSchema } from './types.ts'
